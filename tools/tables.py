"""Write the tables that are made from course.toml and results/ into the pages that hold them.

python -m tools.tables        (make tables) between the lines <!-- BEGIN name --> and <!-- END name --> of each page
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tools import address, manifest, questions
from tools.manifest import ROOT

GOALS = (
    0.75,
    0.6,
    0.05,
)  # most that a linear model may reach: cats and dogs, other sets; least lead of a network


# --- From the manifest --------------------------------------------------------------------------------------------


def lesson_table(root: Path = ROOT) -> str:
    """Return the README's map of lessons."""
    lines = ["| | lesson | you will | lab |", "| --- | --- | --- | --- |"]
    for lesson in manifest.ready(root):
        lab = f"[lab](notebooks/labs/lab_{lesson.stem}.ipynb)" if lesson.lab else ""
        lines.append(
            f"| {lesson.number} | [{lesson.title}](notebooks/{lesson.stem}.ipynb) | {lesson.do} | {lab} |"
        )
    return "\n".join(lines)


def planned(root: Path = ROOT) -> str:
    """Return one sentence that names the lessons to come."""
    titles = [f"{lesson.number} {lesson.title}" for lesson in manifest.lessons(root) if not lesson.is_ready]
    return f"In preparation: {'; '.join(titles)}." if titles else "All lessons are there."


def lesson_list(root: Path = ROOT) -> str:
    """Return the list on the start page of JupyterLab."""
    lines = []
    for place, lesson in enumerate(manifest.ready(root), start=1):
        lab = f", then its [lab](labs/lab_{lesson.stem}.ipynb)" if lesson.lab else ""
        lines.append(f"{place}. [{lesson.number} · {lesson.title}]({lesson.stem}.ipynb){lab}")
    return "\n".join(lines)


def plan_table(root: Path = ROOT) -> str:
    """Return the instructor's table of what fits into a class."""
    lines = [
        "| lesson | 45 minutes | 90 minutes | leave this out first | lab |",
        "| --- | --- | --- | --- | --- |",
    ]
    for lesson in manifest.ready(root):
        lab = f"{lesson.lab_minutes} min" if lesson.lab else ""
        cells = (
            f"{lesson.number} {lesson.title} ({lesson.minutes} min)",
            lesson.in_45,
            lesson.in_90,
            lesson.skip,
            lab,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def misconception_table(root: Path = ROOT) -> str:
    """Return the instructor's table of what students often get wrong."""
    lines = ["| lesson | they think | ask them |", "| --- | --- | --- |"]
    for lesson in manifest.ready(root):
        lines += [f"| {lesson.number} | “{pair.think}” | {pair.ask} |" for pair in lesson.misconceptions]
    return "\n".join(lines)


def get_it(root: Path = ROOT) -> str:
    """Return how to get the course: from its address, or, while there is none, as a folder."""
    home = address.address(root)
    if home:
        return f"Then `git clone {home}`, and in its folder:"
    return "Then, in the folder of the course:"


def without_installing(root: Path = ROOT) -> str:
    """Return what the buttons are for, once there are buttons."""
    if address.address(root) is None:
        return "Windows, conda, and what to do when something does not work: [INSTALL.md](INSTALL.md)."
    return (
        "Nothing to install: each notebook begins with a button for **Colab** and one for **Binder**. Windows, conda, "
        "and what to do\nwhen something does not work: [INSTALL.md](INSTALL.md)."
    )


# --- From the results ---------------------------------------------------------------------------------------------


def rows_of(name: str, root: Path = ROOT) -> list[dict]:
    """Return the rows of one file of results/."""
    content = json.loads((root / "results" / f"{name}.json").read_text(encoding="utf-8"))
    return content if isinstance(content, list) else content["rows"]


def claims(root: Path = ROOT) -> list[dict]:
    """Return what the README claims."""
    return tomllib.loads((root / "results/claims.toml").read_text(encoding="utf-8"))["claim"]


def mean_and_error(values: list[float]) -> tuple[float, float]:
    """Return the mean and, over at least two seeds, its standard error (else NaN)."""
    error = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return float(np.mean(values)), float(error)


def percent(values: list[float]) -> str:
    """Return accuracies of several seeds as text, for example ``97.3 % ± 0.2 %``."""
    mean, error = mean_and_error(values)
    return f"{100 * mean:.1f} %" + ("" if np.isnan(error) else f" ± {100 * error:.1f} %")


def measured(claim: dict, root: Path = ROOT) -> tuple[float, str]:
    """Return the value behind a claim, and how it is written.

    Raises:
        ValueError: if no row of the file belongs to it.
    """
    rows = rows_of(claim["file"], root)
    kind = claim.get("kind", "accuracy")
    if kind == "waiting":
        values = [row["waiting_share"] for row in rows if row["experiment"] == "cache" and row["epoch"] > 1]
    elif kind == "speed":
        values = [row["value"] for row in rows[:1]]
    else:
        values = [row["accuracy"] for row in rows if row["experiment"] == claim["experiment"]]
    if not values:
        raise ValueError(f"results/{claim['file']}.json has no row for: {claim['what']}")
    texts = {
        "waiting": f"{100 * max(values):.1f} % of an epoch",
        "speed": f"{values[0]:.1f} times as fast as `scipy.signal.correlate2d`",
        "accuracy": percent(values),
    }
    return (max(values) if kind == "waiting" else mean_and_error(values)[0]), texts[kind]


def claim_table(root: Path = ROOT) -> str:
    """Return the README's table of measured results."""
    lines = ["| what | result | where |", "| --- | --- | --- |"]
    for claim in claims(root):
        lines.append(f"| {claim['what']} | {measured(claim, root)[1]} | `results/{claim['file']}.json` |")
    return "\n".join(lines)


def missed_goals(root: Path = ROOT) -> list[str]:
    """Return a sentence for each claim that falls short of its goal."""
    problems = []
    for claim in claims(root):
        value, text = measured(claim, root)
        least, most = claim.get("at_least", -np.inf), claim.get("at_most", np.inf)
        if not least - 1e-9 <= value <= most + 1e-9:
            problems.append(f"results/{claim['file']}.json: {claim['what']}: {text} misses its goal")
    return problems


def ladder(rows: list[dict], name: str) -> str:
    """Return whether a drawn set teaches what photographs teach: "yes", or what does not hold.

    Wanted: a linear model on pixels does poorly, a network clearly better, augmentation better again by more than two
    standard errors, and a linear model on VGG16's features best.
    """
    found: dict[str, list[float]] = {}
    for row in rows:
        if row["set"] == name:
            found.setdefault(row["experiment"], []).append(row["accuracy"])
    (linear,), (vgg16,) = found["linear on pixels"], found["linear on VGG16 features"]
    plain, augmented = (mean_and_error(found[f"network{end}"]) for end in ("", " with augmentation"))
    most = GOALS[0] if name == "cats_vs_dogs" else GOALS[1]
    missed = {
        "the linear model does too well": linear > most,
        "the network is hardly ahead of the linear model": plain[0] <= linear + GOALS[2],
        "augmentation gains too little": augmented[0] <= plain[0] + 2 * np.hypot(plain[1], augmented[1]),
        "VGG16's features are behind the augmented network": vgg16 <= augmented[0],
    }
    return "; ".join(text for text, holds in missed.items() if holds) or "yes"


REALISM = "linear on VGG16 features of drawings"


def sample_table(root: Path = ROOT) -> str:
    """Return the table of data/README.md that says what the drawn sets teach."""
    rows = rows_of("samples", root)
    experiments = ["linear on pixels", "network", "network with augmentation", "linear on VGG16 features"]
    lines = [
        "| set | linear model on pixels | network | network with augmentation | linear model on VGG16's features "
        "| each step up holds | trained on VGG16's features of drawings, tested on photographs |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in dict.fromkeys(row["set"] for row in rows):
        cells = []
        for experiment in experiments:
            values = [
                row["accuracy"] for row in rows if (row["set"], row["experiment"]) == (name, experiment)
            ]
            mean, error = mean_and_error(values)
            cells.append(f"{100 * mean:.0f} %" + ("" if np.isnan(error) else f" ± {100 * error:.1f}"))
        real = [
            row["accuracy"] for row in rows if row["set"] == name and row["experiment"].startswith(REALISM)
        ]
        cells += [ladder(rows, name), f"{100 * real[0]:.0f} %" if real else "no photographs at hand"]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines)


# --- Into the pages -----------------------------------------------------------------------------------------------

PAGES: dict[str, dict[str, Callable[[Path], str]]] = {
    "README.md": {
        "get": get_it,
        "buttons": without_installing,
        "lessons": lesson_table,
        "planned": planned,
        "measured": claim_table,
    },
    "notebooks/START_HERE.md": {"lessons": lesson_list},
    "site/instructors.md": {"plan": plan_table, "misconceptions": misconception_table},
    "site/questions.md": {"bank": questions.bank},
    "data/README.md": {"samples": sample_table},
}


def filled(page: str, root: Path = ROOT) -> str:
    """Return a page with its tables made anew.

    Raises:
        ValueError: if a table has no place in the page.
    """
    text = (root / page).read_text(encoding="utf-8")
    for name, make in PAGES[page].items():
        begin, end = f"<!-- BEGIN {name} -->", f"<!-- END {name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"{page}: the lines {begin} and {end} must occur once each.")
        before, rest = text.split(begin)
        text = f"{before}{begin}\n\n{make(root)}\n\n{end}{rest.split(end)[1]}"
    return text


def stale(root: Path = ROOT) -> list[str]:
    """Return a sentence for each page whose tables are not those that the manifest and the results make."""
    return [
        f"{page}: a table is out of date; run `make tables`"
        for page in PAGES
        if filled(page, root) != (root / page).read_text(encoding="utf-8")
    ]


def main() -> int:
    """Write every page."""
    for page in PAGES:
        (ROOT / page).write_text(filled(page), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
