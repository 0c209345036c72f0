"""Check what no other tool checks: notebooks, recipes, tables, the size of our modules, and nobody's paths.

python -m tools.lint        prints one line for each finding; exit status 1 if there is one
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator

import nbformat
from nbformat import NotebookNode

from tools import address, build, colab, recipes, tables

LONGEST_CELL = 25  # lines
FEWEST_MARKED = 5  # compared cells in a lesson
LONGEST_MODULE, LONGEST_FUNCTION = 300, 40  # lines of code: no blank, comment or docstring
THIN = ("helpers", "tools")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|Users|root|tmp|work|var|mnt)/\w|\b[A-Z]:\\\\?Users\b")


# --- Notebooks ----------------------------------------------------------------------------------------------------


def is_marked(cell: NotebookNode) -> bool:
    """Return whether nbval compares the cell's output."""
    return cell.cell_type == "code" and "nbval-check-output" in cell.metadata.get("tags", [])


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
        found = code_findings(cell) if cell.cell_type == "code" else text_findings(cell)
        yield from (f"cell {number}: {text}" for text in found)


def text_findings(cell: NotebookNode) -> Iterator[str]:
    """Yield what is wrong with a cell of text."""
    if missing_alt_text(cell.source):
        yield "an image without a description (alt text)"
    if MACHINE_PATH.search(cell.source):
        yield "a path of somebody's machine"


def code_findings(cell: NotebookNode) -> Iterator[str]:
    """Yield what is wrong with a cell of code, or with its stored outputs."""
    lines = len(cell.source.splitlines())
    if lines > LONGEST_CELL:
        yield f"{lines} lines, at most {LONGEST_CELL}"
    if is_marked(cell) and not cell.outputs:
        yield "marked for comparison but has no stored output, so nothing is compared"
    if any(MACHINE_PATH.search(text) for text in (cell.source, *texts(cell.outputs))):
        yield "a path of somebody's machine"
    if recipes.TAG in cell.metadata.get("tags", []):
        yield from (
            f"a recipe cell holds definitions only, but: {line}" for line in recipes.misplaced(cell.source)
        )
    for output in cell.outputs:
        yield from output_findings(output)


def output_findings(output: NotebookNode) -> Iterator[str]:
    """Yield what is wrong with one stored output."""
    if output.output_type == "error":
        yield f"a stored error ({output.ename})"
    if output.get("name") == "stderr":
        yield "a stored message on stderr"
    picture = output.get("metadata", {}).get("image/png", {})
    if "image/png" in output.get("data", {}) and not is_sentence(picture.get("alt", "")):
        yield "a figure without a description; end the cell with plots.show(…)"


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


def notebook_problems() -> Iterator[str]:
    """Yield what is wrong with the stored notebooks."""
    products = build.products()
    for product in products:
        name = product.notebook.relative_to(build.ROOT)
        if not product.notebook.exists():
            yield f"{name}: missing; run `make notebooks`"
            continue
        stored = nbformat.read(product.notebook, 4)
        yield from (f"{name}: {text}" for text in differences(build.generate(product), stored))
        yield from (f"{name}: {text}" for text in findings(stored, product.is_lesson))
    expected = {product.notebook for product in products}
    for path in sorted((build.ROOT / "notebooks").rglob("*.ipynb")):
        if path not in expected and ".ipynb_checkpoints" not in path.parts:
            yield f"{path.relative_to(build.ROOT)}: no source makes this notebook"
    for path in sorted((build.ROOT / "sources").glob("l*s/*.py")):
        if path not in {product.source for product in products}:
            yield f"{path.relative_to(build.ROOT)}: course.toml does not name it"


# --- Results ------------------------------------------------------------------------------------------------------


def result_problems() -> Iterator[str]:
    """Yield the rows of the ledger that were measured with a recipe that has changed since."""
    now: dict[str, str | None] = {}
    for path in sorted((build.ROOT / "results").glob("*.json")):
        rows = json.loads(path.read_text(encoding="utf-8"))
        stale = set()
        for row in rows if isinstance(rows, list) else []:
            if recipe := row.get("recipe"):
                if recipe not in now:
                    now[recipe] = _digest_now(recipe)
                if row.get("recipe_sha256") != now[recipe]:
                    stale.add(row["experiment"])
        for experiment in sorted(stale):
            yield f"results/{path.name}: the recipe of {experiment!r} has changed since; measure it again"


def _digest_now(recipe: str) -> str | None:
    try:
        return recipes.mark(recipe)["recipe_sha256"]
    except KeyError:  # the lesson defines it no longer
        return None


# --- Size ---------------------------------------------------------------------------------------------------------


def lines_of_code(text: str, tree: ast.Module) -> set[int]:
    """Return the numbers of the lines that are neither blank nor comment nor docstring."""
    described: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            described |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    lines = enumerate(text.splitlines(), start=1)
    code = {number for number, line in lines if line.strip() and not line.strip().startswith("#")}
    return code - described


def thickness(text: str) -> Iterator[str]:
    """Yield what makes a module too thick: itself, or a function of it."""
    tree = ast.parse(text)
    code = lines_of_code(text, tree)
    if len(code) > LONGEST_MODULE:
        yield f"{len(code)} lines of code, at most {LONGEST_MODULE}"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            length = len(code & set(range(node.lineno, (node.end_lineno or 0) + 1)))
            if length > LONGEST_FUNCTION:
                yield f"{node.name} has {length} lines of code, at most {LONGEST_FUNCTION}"


def size_problems() -> Iterator[str]:
    """Yield the modules of ours that are too thick."""
    for folder in THIN:
        for path in sorted((build.ROOT / folder).rglob("*.py")):
            problems = thickness(path.read_text(encoding="utf-8"))
            yield from (f"{path.relative_to(build.ROOT)}: {text}" for text in problems)


# --- Everything ---------------------------------------------------------------------------------------------------


def other_problems() -> Iterator[str]:
    """Yield stale tables, goals that are missed, an old address, and paths of somebody's machine."""
    yield from tables.stale(build.ROOT)
    yield from tables.missed_goals(build.ROOT)
    if (colab.REPOSITORY or None, colab.TAG) != (address.address(build.ROOT), address.tag(build.ROOT)):
        yield "tools/colab.py: old address or version; run `make stamp`"
    pattern = r"/(home|Users|root)/[a-z]"
    command = ["git", "grep", "-IlE", pattern, "--", ":!tools/lint.py", ":!tests"]
    found = subprocess.run(command, cwd=build.ROOT, capture_output=True, text=True).stdout.split()
    yield from (f"{name}: a path of somebody's machine" for name in found)


def main() -> int:
    """Check everything; return the exit status."""
    problems = [*notebook_problems(), *result_problems(), *size_problems(), *other_problems()]
    print("\n".join(dict.fromkeys(problems)) or "The notebooks, results and modules are in order.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
