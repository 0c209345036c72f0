"""Add measured rows to a file of results/."""

import json
from collections.abc import Sequence
from pathlib import Path

RESULTS = Path(__file__).resolve().parent.parent / "results"


def add(name: str, rows: list[dict], key: Sequence[str], order: Sequence[str] = ()) -> None:
    """Write rows into ``results/NAME.json``; a row with the same values for ``key`` is replaced.

    Args:
        name: of the file, without its ending.
        rows: what ``helpers.course.ledger_row`` returns.
        key: the fields that tell rows apart, for example ``("experiment", "seed")``.
        order: experiments in the order in which they are to stand; others follow.
    """
    path = RESULTS / f"{name}.json"
    old = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    new = {tuple(row.get(part) for part in key) for row in rows}
    kept = [row for row in old if tuple(row.get(part) for part in key) not in new]
    places = {experiment: place for place, experiment in enumerate(order)}
    everything = sorted(
        [*kept, *rows], key=lambda row: (places.get(row["experiment"], len(places)), row.get("seed", 0))
    )
    path.write_text(json.dumps(everything, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def show(row: dict, *names: str) -> None:
    """Print some fields of a row."""
    print({name: row[name] for name in names if name in row}, flush=True)
