"""Check the notebooks: fresh, free of errors, described, short-celled, and nobody's paths.

python -m tools.lint        prints one line for each finding; exit status 1 if there is one
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import nbformat
from nbformat import NotebookNode

from tools import build

LONGEST_CELL = 25  # lines
FEWEST_MARKED = 5  # compared cells in a lesson
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|Users|root|tmp|work|var|mnt)/\w|\b[A-Z]:\\\\?Users\b")


def is_marked(cell: NotebookNode) -> bool:
    """Return whether nbval compares the cell's output."""
    return cell.cell_type == "code" and (
        "NBVAL_CHECK_OUTPUT" in cell.source or "nbval-check-output" in cell.metadata.get("tags", [])
    )


def differences(fresh: NotebookNode, stored: NotebookNode) -> Iterator[str]:
    """Yield what differs between the notebook a source makes and the one in the repository."""
    if len(fresh.cells) != len(stored.cells):
        yield f"stale: {len(stored.cells)} cells, its source makes {len(fresh.cells)}; run `make notebooks`"
        return
    for number, (new, old) in enumerate(zip(fresh.cells, stored.cells, strict=True)):
        if (new.cell_type, new.source, new.metadata) != (old.cell_type, old.source, old.metadata):
            yield f"stale: cell {number} differs from its source; run `make notebooks`"


def findings(notebook: NotebookNode, is_lesson: bool) -> Iterator[str]:
    """Yield one sentence for each rule that the notebook breaks."""
    marked = [cell for cell in notebook.cells if is_marked(cell)]
    if is_lesson and len(marked) < FEWEST_MARKED:
        yield f"only {len(marked)} cells are compared by nbval, at least {FEWEST_MARKED} are wanted"
    for number, cell in enumerate(notebook.cells):
        place = f"cell {number}"
        outputs = cell.get("outputs", [])
        if cell.cell_type == "code" and len(cell.source.splitlines()) > LONGEST_CELL:
            yield f"{place}: {len(cell.source.splitlines())} lines, at most {LONGEST_CELL}"
        if is_marked(cell) and not outputs:
            yield f"{place}: marked for comparison but has no stored output, so nothing is compared"
        if cell.cell_type == "markdown" and missing_alt_text(cell.source):
            yield f"{place}: an image without a description (alt text)"
        for output in outputs:
            if output.output_type == "error":
                yield f"{place}: a stored error ({output.ename})"
            if output.get("name") == "stderr":
                yield f"{place}: a stored message on stderr"
            picture = output.get("metadata", {}).get("image/png", {})
            if "image/png" in output.get("data", {}) and not is_sentence(picture.get("alt", "")):
                yield f"{place}: a figure without a description; end the cell with plots.show(…)"
        if MACHINE_PATH.search(cell.source) or any(MACHINE_PATH.search(text) for text in texts(outputs)):
            yield f"{place}: a path of somebody's machine"


def texts(outputs: list[NotebookNode]) -> Iterator[str]:
    """Yield the textual parts of a cell's outputs."""
    for output in outputs:
        yield output.get("text", "")
        yield from (value for key, value in output.get("data", {}).items() if key.startswith("text/"))


def is_sentence(text: str) -> bool:
    """Return whether ``text`` is long enough to describe a picture and ends like a sentence."""
    return len(text.split()) >= 4 and text.rstrip().endswith((".", "!", "?"))


def missing_alt_text(markdown: str) -> bool:
    """Return whether an image in the text has no description; badges need a word only."""
    alternatives = re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", markdown)
    tags = re.findall(r"<img\b[^>]*>", markdown)
    pairs = alternatives + [("".join(re.findall(r'alt="([^"]*)"', tag)), tag) for tag in tags]
    return any(not (text.strip() if "badge" in address else is_sentence(text)) for text, address in pairs)


def main() -> int:
    """Check everything; return the exit status."""
    problems = []
    expected = set()
    for product in build.products():
        expected.add(product.notebook)
        name = product.notebook.relative_to(build.ROOT)
        if not product.notebook.exists():
            problems.append(f"{name}: missing; run `make notebooks`")
            continue
        stored = nbformat.read(product.notebook, 4)
        problems += [f"{name}: {text}" for text in differences(build.generate(product), stored)]
        problems += [f"{name}: {text}" for text in findings(stored, product.is_lesson)]
        source = product.source.read_text(encoding="utf-8")
        if build.stamped(source) != source:
            problems.append(
                f"{product.source.relative_to(build.ROOT)}: old address or version; run `make stamp`"
            )
    for path in (build.ROOT / "notebooks").rglob("*.ipynb"):
        if path not in expected and ".ipynb_checkpoints" not in path.parts:
            problems.append(f"{path.relative_to(build.ROOT)}: no source makes this notebook")
    tracked = subprocess.run(
        ["git", "grep", "-IlE", r"/(home|Users|root)/[a-z]", "--", ":!tools/lint.py", ":!tests"],
        cwd=build.ROOT, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    problems += [f"{name}: a path of somebody's machine" for name in tracked]
    print("\n".join(dict.fromkeys(problems)) or "The notebooks are in order.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
