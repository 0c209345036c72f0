"""Make the notebooks from their text sources, execute them, export them.

python -m tools.build notebooks [NN ...]   regenerate and execute (all, or the numbers given)
python -m tools.build generate [NN ...]    regenerate only; outputs are kept where no code changed
python -m tools.build run [NN ...]         execute every lesson in full budget, HTML to build/
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
import numpy as np
from nbclient import NotebookClient
from nbformat import NotebookNode
from PIL import Image

from tools import address, manifest, questions, recipes
from tools.lab import FEW_POOLS

ROOT = manifest.ROOT
WIDGET = "application/vnd.jupyter.widget-view+json"
# Run after a lesson: a list named MEASURED is what the lesson adds to results/; and the most memory that it held.
LEDGER_CELL = """
import json, resource, sys
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({"rows": globals().get("MEASURED", []), "megabytes": round(peak / 1e6)}))
"""


@dataclass(frozen=True)
class Product:
    """One notebook and the source it is made from."""

    source: Path
    notebook: Path
    cleared: bool = False  # solutions replaced by stubs

    @property
    def is_lesson(self) -> bool:
        return self.source.parent.name == "lessons"


def products(numbers: list[str] | None = None) -> list[Product]:
    """Return every notebook of the course, or those of the lessons whose numbers are given."""
    found = []
    for lesson in manifest.ready(ROOT):
        if numbers and lesson.number not in numbers:
            continue
        source = ROOT / "sources/lessons" / f"{lesson.stem}.py"
        found.append(Product(source, ROOT / "notebooks" / f"{lesson.stem}.ipynb"))
        if lesson.lab:
            source = ROOT / "sources/labs" / f"{lesson.stem}.py"
            folder = ROOT / "notebooks"
            found.append(Product(source, folder / "labs" / f"lab_{lesson.stem}.ipynb", cleared=True))
            found.append(Product(source, folder / "solutions" / f"solution_{lesson.stem}.ipynb"))
    return sorted(found, key=lambda product: (not product.is_lesson, product.source.stem))


def generate(product: Product) -> NotebookNode:
    """Return the notebook that the source makes, without outputs."""
    notebook = jupytext.read(product.source)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "rise": {"scroll": True, "transition": "none"},  # live slides in JupyterLab
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    _add_address(notebook, product.notebook.relative_to(ROOT).as_posix())
    before = ""
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:03d}"
        if cell.cell_type == "markdown":
            cell.source = questions.asked(cell.source, product.source.stem[:2], ROOT)
        cell.metadata.pop("lines_to_next_cell", None)  # a note of jupytext's to itself
        cell.metadata.setdefault("slideshow", {"slide_type": _slide_type(cell, before)})
        before = cell.cell_type
    return _clear(notebook) if product.cleared else notebook


def _add_address(notebook: NotebookNode, path: str) -> None:
    """Put buttons below the title and the cell for Colab after it, once the course has an address."""
    title, _, rest = notebook.cells[0].source.partition("\n\n")
    notebook.cells[0].source = f"{title}\n\n{address.badges(path, ROOT)}{rest}".rstrip()
    if code := address.setup_cell(ROOT):
        notebook.cells.insert(1, nbformat.v4.new_code_cell(code, metadata={"tags": ["setup"]}))


def _slide_type(cell: NotebookNode, before: str) -> str:
    """Return the cell's role in live slides: text with the code that follows it; more code, or text, on the next."""
    first = cell.source.lstrip()
    if {"setup", "ledger"} & set(cell.metadata.get("tags", [])):
        return "skip"
    if cell.cell_type == "markdown":
        if re.match(r"##? ", first):
            return "slide"
        if first.startswith("###"):
            return "subslide"
        if "<details>" in first:
            return "notes"
    return "subslide" if before == "code" else "-"


def _clear(notebook: NotebookNode) -> NotebookNode:
    """Return the student's version, made by nbgrader's own preprocessors."""
    from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions

    for preprocessor in (ClearSolutions(), ClearHiddenTests()):
        notebook, _ = preprocessor.preprocess(notebook, {})
    return notebook


def execute(notebook: NotebookNode, folder: Path) -> tuple[list[dict], int]:
    """Run the notebook in place, as Restart-and-Run-All does; return its ledger rows and its peak memory in MB."""
    ledger_cell = nbformat.v4.new_code_cell(LEDGER_CELL)
    notebook.cells.append(ledger_cell)
    client = NotebookClient(
        notebook,
        timeout=3600,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--IPKernelApp.log_level=40"],
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute(env=os.environ | dict([FEW_POOLS]))  # as JupyterLab's kernels have it
    finally:
        notebook.cells.pop()
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.get("metadata", {}).pop("execution", None)
        if "live" in cell.metadata.get("tags", []):
            cell.outputs = []  # a page served by the kernel: nothing to see once it is gone
        if "outputs" in cell:  # the line of progress is empty once training is over
            cell.outputs = [output for output in cell.outputs if output.get("data") != {"text/plain": ""}]
        for output in cell.get("outputs", []):
            # A stored widget has no kernel behind it: keep the figure that stands in for it.
            output.get("data", {}).pop(WIDGET, None)
            output.get("metadata", {}).pop(WIDGET, None)
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = smaller_png(output.data["image/png"])
    ledger = json.loads(ledger_cell.outputs[0]["text"])
    return ledger["rows"], ledger["megabytes"]


def smaller_png(encoded: str) -> str:
    """Return the base64 picture with a palette of 256 colors, a third of the size, unless one could see it."""
    picture = Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGB")
    small = picture.quantize(256, dither=Image.Dither.NONE)
    visible = np.abs(np.asarray(picture, float) - np.asarray(small.convert("RGB"))).max(axis=2) > 12
    file = io.BytesIO()
    (picture if visible.mean() > 0.02 else small).save(file, format="png", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells without the one for Colab, which does nothing elsewhere."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell for cell in cells if "setup" not in cell.metadata.get("tags", [])]


def code_of(notebook: NotebookNode) -> list[str]:
    """Return the sources of the code cells."""
    return [cell.source for cell in code_cells(notebook)]


def keep_outputs(new: NotebookNode, old: NotebookNode) -> bool:
    """Copy the stored outputs into ``new`` if no code changed; return whether that was so."""
    if code_of(new) != code_of(old):
        return False
    for source, target in zip(code_cells(old), code_cells(new), strict=True):
        target.outputs, target.execution_count = source.outputs, source.execution_count
    return True


def write(notebook: NotebookNode, path: Path) -> None:
    """Write the notebook with stable formatting."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def notebooks(numbers: list[str], run: bool) -> None:
    """Regenerate and, with ``run``, execute; record what a lesson measured, how long it took and its peak memory."""
    for product in products(numbers):
        start = time.perf_counter()
        notebook = generate(product)
        if run and not product.cleared:
            rows, megabytes = execute(notebook, product.notebook.parent)
            if rows:
                save_result(product.source.stem, [row | recipes.mark(row["recipe"]) for row in rows])
            if product.is_lesson:
                record("run_seconds", product, round(time.perf_counter() - start))
                record("run_megabytes", product, megabytes)
        elif product.notebook.exists():
            keep_outputs(notebook, nbformat.read(product.notebook, 4))
        write(notebook, product.notebook)
        print(f"{product.notebook.relative_to(ROOT)}  {time.perf_counter() - start:.0f} s", flush=True)


def record(name: str, product: Product, value: int) -> None:
    """Write one number about a lesson into a file of the results ledger."""
    save_result(name, dict(sorted((load_result(name) | {product.source.stem: value}).items())))


def save_result(name: str, content: list | dict) -> None:
    """Write a file of the results ledger."""
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    (ROOT / "results" / f"{name}.json").write_text(text, encoding="utf-8")


def load_result(name: str) -> dict:
    """Read a file of the results ledger; empty if there is none yet."""
    path = ROOT / "results" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def page(notebook: NotebookNode) -> str:
    """Return the notebook as a web page."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(template_name="page", extra_template_basedirs=[str(ROOT / "tools/templates")])
    return exporter.from_notebook_node(notebook)[0]


def run_lessons(numbers: list[str]) -> None:
    """Execute every lesson in full budget and export it as a page."""
    chosen = [p for p in products(numbers) if p.is_lesson]
    failed = []
    for number, product in enumerate(chosen, start=1):
        print(f"[{number}/{len(chosen)}] {product.source.stem} …", end=" ", flush=True)
        start, notebook = time.perf_counter(), generate(product)
        try:
            execute(notebook, product.notebook.parent)
            word = "done"
        except Exception as error:  # the page shows where it stopped; the other lessons still run
            failed.append(product.source.stem)
            word = f"FAILED: {str(error).strip().splitlines()[-1]}"
        target = ROOT / "build" / f"{product.source.stem}.html"
        target.parent.mkdir(exist_ok=True)
        target.write_text(page(notebook), encoding="utf-8")
        print(f"{word} in {time.perf_counter() - start:.0f} s → {target.relative_to(ROOT)}", flush=True)
    if failed:
        sys.exit(f"{len(failed)} lesson(s) failed: {', '.join(failed)}")


if __name__ == "__main__":
    command, *names = sys.argv[1:] or [""]
    actions = {
        "notebooks": lambda: notebooks(names, run=True),
        "generate": lambda: notebooks(names, run=False),
        "run": lambda: run_lessons(names),
    }
    if command not in actions:
        sys.exit(__doc__)
    actions[command]()
