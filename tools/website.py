"""Make the course's web pages from the stored notebooks: build/site.

python -m tools.website             (make site)
python -m tools.website picture     site/_static/course.png, for the README

Gathers the sources in build/site-source (copies of the notebooks without badges and set-up cells, the texts in
site/, a page of results), then calls Sphinx. Nothing is executed, and no page asks another server for anything.
"""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from PIL import Image

from tools import build, manifest, proven, tables
from tools.cutting import only_draws
from tools.slides import package_folder

SOURCE = build.ROOT / "build" / "site-source"
TARGET = build.ROOT / "build" / "site"


def pictures(notebook: NotebookNode) -> list[tuple[bytes, str]]:
    """Return the stored figures and their descriptions."""
    return [
        (base64.b64decode(output.data["image/png"]), output.metadata.get("image/png", {}).get("alt", ""))
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]


def for_reading(notebook: NotebookNode, terms: list[str]) -> NotebookNode:
    """Return the notebook as a page: no badges, marks or set-up, descriptions where Sphinx looks for them."""
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"^\[!\[.*\n?", "", cell.source, flags=re.M)
            cell.source = link_terms(cell.source, terms)
            continue
        if "setup" in tags:
            cell.metadata["tags"] = ["remove-cell"]
        elif only_draws(cell.source):
            cell.metadata["tags"] = ["hide-input"]
        descriptions = [alt for _picture, alt in pictures(nbformat.v4.new_notebook(cells=[cell]))]
        if descriptions:
            cell.metadata["mystnb"] = {"image": {"alt": " ".join(descriptions)}}
    return notebook


def glossary_terms() -> list[str]:
    """Return the words that the glossary explains."""
    text = (build.ROOT / "site/glossary.md").read_text(encoding="utf-8")
    return re.findall(r"^([^\s`{#(].*)\n  \S", text, flags=re.M)


def link_terms(markdown: str, terms: list[str]) -> str:
    """Link a bold word to the glossary if it is there."""
    by_name = {term.lower(): term for term in terms}

    def linked(match: re.Match[str]) -> str:
        term = by_name.get(match.group(1).lower())
        return f"{{term}}`{match.group(1)} <{term}>`" if term else match.group()

    return re.sub(r"\*\*([A-Za-z][\w -]+)\*\*", linked, markdown)


def lesson_cards() -> str:
    """Return the map of lessons, one card each, with a picture from the lesson."""
    folder = SOURCE / "_static" / "lessons"
    folder.mkdir(parents=True, exist_ok=True)
    cards = ["::::{grid} 1 2 2 3", ":gutter: 3", ""]
    for lesson in manifest.ready(build.ROOT):
        notebook = nbformat.read(build.ROOT / "notebooks" / f"{lesson.stem}.ipynb", 4)
        cover = next(cell for cell in notebook.cells if "cover" in cell.metadata.get("tags", []))
        ((picture, alt),) = pictures(nbformat.v4.new_notebook(cells=[cover]))
        (folder / f"{lesson.stem}.png").write_bytes(picture)
        # the whole card is a link; the title below the picture says where to
        cards += [
            f":::{{grid-item-card}} {lesson.number} · {lesson.title}",
            f":link: notebooks/{lesson.stem}",
            ":link-type: doc",
            f":img-top: _static/lessons/{lesson.stem}.png",
            f":img-alt: {alt.splitlines()[0]}",
            "",
            lesson.aim,
            ":::",
            "",
        ]
    return "\n".join([*cards, "::::", "", material_table()])


def material_table() -> str:
    """Return what belongs to each lesson: its lab, the solution, the slides."""
    table = ["| lesson | | | |", "| --- | --- | --- | --- |"]
    for lesson in manifest.ready(build.ROOT):
        lab = f"[lab](notebooks/labs/lab_{lesson.stem}.ipynb)" if lesson.lab else ""
        solution = f"[solution](notebooks/solutions/solution_{lesson.stem}.ipynb)" if lesson.lab else ""
        # a file beside the pages: a plain link, which Sphinx does not try to resolve
        slides = f'<a href="slides/{lesson.stem}.html">slides</a>' if lesson.slides else ""
        table.append(f"| {lesson.number} · {lesson.title} | {lab} | {solution} | {slides} |")
    return "\n".join(table) + "\n"


def navigation() -> str:
    """Return the table of contents: each lesson is followed by its lab; the solutions come after all of them."""
    ready = manifest.ready(build.ROOT)
    ways = [f"notebooks/{lesson.stem}" for lesson in ready]
    labs = {f"notebooks/{lesson.stem}": f"notebooks/labs/lab_{lesson.stem}" for lesson in ready if lesson.lab}
    pages = [page for way in ways for page in (way, labs.get(way)) if page]
    solutions = [f"notebooks/solutions/solution_{lesson.stem}" for lesson in ready if lesson.lab]

    def tree(caption: str, names: list[str]) -> str:
        return "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *names, "```", ""])

    return tree("Lessons and labs", pages) + "\n" + tree("Solutions", solutions)


def draw_course() -> None:
    """Write the picture that the README shows: stored figures of four lessons."""
    sheet = Image.new("RGB", (1400, 580), "white")
    for place, (number, start) in enumerate(
        [
            ("01", "Three panels: the kernel"),
            ("02", "A bright disk"),
            ("03", "A digit 7 and"),
            ("06", "Bars of test accuracy"),
        ]
    ):
        (lesson,) = (product for product in build.products([number]) if product.is_lesson)
        stored = pictures(nbformat.read(lesson.notebook, 4))
        picture = Image.open(io.BytesIO(next(data for data, alt in stored if alt.startswith(start)))).convert(
            "RGB"
        )
        picture.thumbnail((660, 270), Image.Resampling.LANCZOS)
        column, row = place % 2, place // 2
        left, top = (
            20 + 700 * column + (660 - picture.width) // 2,
            10 + 290 * row + (270 - picture.height) // 2,
        )
        sheet.paste(picture, (left, top))
    sheet.quantize(256, dither=Image.Dither.NONE).save(build.ROOT / "site/_static/course.png", optimize=True)


def results_page() -> str:
    """Return every measured accuracy as a table, one for each file of the ledger."""
    parts = [
        "# Measured results",
        tables.claim_table(build.ROOT),
        "## Every recorded run",
        "± is the standard error over the seeds. The files hold more: versions, digests of data and recipe.",
    ]
    for path in sorted((build.ROOT / "results").glob("*.json")):
        rows = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(rows, list) and rows and "accuracy" in rows[0]:
            parts += [f"### `results/{path.name}`", runs_table(rows)]
    return "\n\n".join(parts) + "\n"


def runs_table(rows: list[dict]) -> str:
    """Return one line for each experiment: accuracy with its standard error over the seeds."""
    lines = ["| experiment | accuracy | seeds | test examples |", "| --- | --- | --- | --- |"]
    runs: dict[tuple, list[float]] = {}
    for row in rows:
        key = (row.get("set", ""), row["experiment"], row["test_size"])
        runs.setdefault(key, []).append(row["accuracy"])
    for (kind, name, size), values in runs.items():
        label = f"{kind}: {name}" if kind else name
        lines.append(f"| {label} | {tables.percent(values)} | {len(values)} | {size:,} |")
    return "\n".join(lines)


def gather() -> None:
    """Write everything that Sphinx reads into build/site-source."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(build.ROOT / "site", SOURCE)
    gather_notebooks()
    index = SOURCE / "index.md"
    text = index.read_text(encoding="utf-8")
    text = text.replace("<!-- lessons -->", lesson_cards()).replace("<!-- navigation -->", navigation())
    index.write_text(text, encoding="utf-8")
    (SOURCE / "results.md").write_text(results_page(), encoding="utf-8")
    (SOURCE / "proven.md").write_text(proven.page(), encoding="utf-8")
    gather_texts()
    mathjax = package_folder("sphinx-mathjax-offline")
    (SOURCE / "_static/mathjax").mkdir()
    shutil.copy(mathjax / "static/mathjax/tex-svg.js", SOURCE / "_static/mathjax")
    (SOURCE / "extra/slides").mkdir(parents=True)
    for deck in (build.ROOT / "build/slides").glob("*.html"):
        shutil.copy(deck, SOURCE / "extra/slides")


def gather_notebooks() -> None:
    """Copy the notebooks, without what only serves JupyterLab."""
    terms = glossary_terms()
    for product in build.products():
        notebook = nbformat.read(product.notebook, 4)
        if product.cleared:
            notebook.cells[0].source += "\n\n**To do it,** open the notebook in JupyterLab."
        elif not product.is_lesson:
            notebook.cells[0].source = notebook.cells[0].source.replace("# Lab ", "# Solution ", 1)
        target = SOURCE / product.notebook.relative_to(build.ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(for_reading(notebook, terms), target)


def gather_texts() -> None:
    """Copy the texts that stand elsewhere in the repository, with links that work in the site."""
    for name in ("README.md", "INSTALL.md", "CONTRIBUTING.md", "LICENSE", "LICENSE-TEXT", "CITATION.cff"):
        shutil.copy(build.ROOT / name, SOURCE)
    readme = (SOURCE / "README.md").read_text(encoding="utf-8")
    first = next(lesson for lesson in manifest.ready(build.ROOT) if lesson.lab)
    readme = readme.replace(
        "](notebooks/solutions)", f"](notebooks/solutions/solution_{first.stem}.ipynb)"
    ).replace("](site/", "](")
    (SOURCE / "README.md").write_text(readme, encoding="utf-8")
    for path in [Path("README.md"), *sorted((build.ROOT / "data").glob("samples/*/contact_sheet.jpg"))]:
        place = SOURCE / "data" / (build.ROOT / "data" / path).relative_to(build.ROOT / "data")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(build.ROOT / "data" / path, place)


def main() -> int:
    """Make the pages; every warning is an error."""
    if sys.argv[1:] == ["picture"]:
        draw_course()
        return 0
    if not list((build.ROOT / "build/slides").glob("*.html")):
        sys.exit("There are no slides yet: run `make slides site`.")
    from sphinx.cmd.build import build_main

    gather()
    shutil.rmtree(TARGET, ignore_errors=True)
    doctrees = build.ROOT / "build" / "doctrees"
    status = build_main(["-W", "--keep-going", "-q", "-d", str(doctrees), str(SOURCE), str(TARGET)])
    print(f"{TARGET.relative_to(build.ROOT)}/index.html")
    return status


if __name__ == "__main__":
    sys.exit(main())
