"""Make the course's web pages from the stored notebooks: build/site.

python -m tools.website             (make site)
python -m tools.website picture     site/_static/course.png, for the README

Gathers the sources in build/site-source (copies of the notebooks without badges and set-up cells, the texts in
site/, a page of results), then calls Sphinx. Nothing is executed, and no page asks another server for anything.
"""

from __future__ import annotations

import base64
import importlib.util
import io
import json
import re
import shutil
import sys
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode
from PIL import Image
from sphinx.cmd.build import build_main

from tools import build
from tools.slides import only_draws

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
        cell.source = cell.source.removeprefix("# NBVAL_CHECK_OUTPUT\n")
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


def lesson_cards(lessons: list[tuple[build.Product, NotebookNode]]) -> str:
    """Return the map of lessons, one card each, with a picture from the lesson."""
    cards = ["::::{grid} 1 2 2 3", ":gutter: 3", ""]
    for product, notebook in lessons:
        name, opening = product.source.stem, notebook.cells[0].source
        title = re.search(r"# (.*)", opening).group(1)
        aim = re.search(r"\*\*What you will do:\*\* (.*?)\n\n", opening, flags=re.S).group(1)
        cover = next(cell for cell in notebook.cells if "cover" in cell.metadata.get("tags", []))
        ((picture, alt),) = pictures(nbformat.v4.new_notebook(cells=[cover]))
        folder = SOURCE / "_static" / "lessons"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.png").write_bytes(picture)
        # the whole card is a link; the title below the picture says where to
        cards += [
            f":::{{grid-item-card}} {title}",
            f":link: notebooks/{name}",
            ":link-type: doc",
            f":img-top: _static/lessons/{name}.png",
            f":img-alt: {alt.splitlines()[0]}",
            "",
            " ".join(aim.split()).capitalize() if aim[0].islower() else " ".join(aim.split()),
            ":::",
            "",
        ]
    cards.append("::::")
    # The slides are files beside the pages: plain links, which Sphinx does not try to resolve.
    table = ["| lesson | | | |", "| --- | --- | --- | --- |"]
    for product, notebook in lessons:
        name = product.source.stem
        title = re.search(r"# (.*)", notebook.cells[0].source).group(1)
        links = f"[lab](notebooks/labs/{name}.ipynb) | [solution](notebooks/solutions/{name}.ipynb)"
        table.append(f'| {title} | {links} | <a href="slides/{name}.html">slides</a> |')
    return "\n".join(cards) + "\n\n" + "\n".join(table) + "\n"


def draw_course() -> None:
    """Write the picture that the README shows: stored figures of four lessons."""
    sheet = Image.new("RGB", (1400, 580), "white")
    for place, (number, start) in enumerate(
        [
            ("01", "Three panels: a window"),
            ("02", "A bright disk"),
            ("03", "A digit 7 and"),
            ("06", "The ladder"),
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
    readme = (build.ROOT / "README.md").read_text(encoding="utf-8")
    measured = re.search(r"## Measured, not claimed\n(.*?)\n## ", readme, flags=re.S).group(1)
    parts = ["# Measured results", measured, "## Every recorded run", ""]
    parts.append(
        "± is the standard error over the seeds. The files hold more: parameters, versions, a digest of the data."
    )
    for path in sorted((build.ROOT / "results").glob("*.json")):
        rows = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(rows, list) or "accuracy" not in rows[0]:
            continue
        parts += [
            "",
            f"### `results/{path.name}`",
            "",
            "| experiment | accuracy (%) | seeds | test examples |",
        ]
        parts.append("| --- | --- | --- | --- |")
        names = dict.fromkeys((row.get("set", ""), row["experiment"], row["test_size"]) for row in rows)
        for kind, name, size in names:
            found = [
                100 * row["accuracy"]
                for row in rows
                if (row.get("set", ""), row["experiment"], row["test_size"]) == (kind, name, size)
            ]
            error = f" ± {np.std(found, ddof=1) / np.sqrt(len(found)):.1f}" if len(found) > 1 else ""
            label = f"{kind}: {name}" if kind else name
            parts.append(f"| {label} | {np.mean(found):.1f}{error} | {len(found)} | {size:,} |")
    return "\n".join(parts) + "\n"


def gather() -> None:
    """Write everything that Sphinx reads into build/site-source."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(build.ROOT / "site", SOURCE)
    terms, lessons = glossary_terms(), []
    for product in build.products():
        notebook = nbformat.read(product.notebook, 4)
        if product.is_lesson:
            lessons.append((product, nbformat.read(product.notebook, 4)))
        if product.cleared:
            notebook.cells[0].source += "\n\n**To do it,** open it with the rocket above, or in JupyterLab."
        elif not product.is_lesson:
            notebook.cells[0].source = notebook.cells[0].source.replace("# Lab ", "# Solution ", 1)
        target = SOURCE / product.notebook.relative_to(build.ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(for_reading(notebook, terms), target)
    index = SOURCE / "index.md"
    text = index.read_text(encoding="utf-8")
    index.write_text(text.replace("<!-- lessons -->", lesson_cards(lessons)), encoding="utf-8")
    (SOURCE / "results.md").write_text(results_page(), encoding="utf-8")
    for name in ("README.md", "INSTALL.md", "CONTRIBUTING.md", "LICENSE", "LICENSE-TEXT", "CITATION.cff"):
        shutil.copy(build.ROOT / name, SOURCE)
    readme = (SOURCE / "README.md").read_text(encoding="utf-8")
    readme = readme.replace("](notebooks/solutions)", "](notebooks/solutions/01_convolution_by_hand.ipynb)")
    readme = readme.replace("](site/", "](")
    (SOURCE / "README.md").write_text(readme, encoding="utf-8")
    (SOURCE / "data").mkdir()
    shutil.copy(build.ROOT / "data/README.md", SOURCE / "data")
    for sheet in (build.ROOT / "data/samples").glob("*/contact_sheet.jpg"):
        (SOURCE / "data" / sheet.parent.relative_to(build.ROOT / "data")).mkdir(parents=True)
        shutil.copy(sheet, SOURCE / "data" / sheet.parent.relative_to(build.ROOT / "data"))
    mathjax = Path(importlib.util.find_spec("sphinx-mathjax-offline").submodule_search_locations[0])
    (SOURCE / "_static/mathjax").mkdir()
    shutil.copy(mathjax / "static/mathjax/tex-svg.js", SOURCE / "_static/mathjax")
    (SOURCE / "extra/slides").mkdir(parents=True)
    for deck in (build.ROOT / "build/slides").glob("*.html"):
        shutil.copy(deck, SOURCE / "extra/slides")


def main() -> int:
    """Make the pages; every warning is an error."""
    if sys.argv[1:] == ["picture"]:
        draw_course()
        return 0
    if not list((build.ROOT / "build/slides").glob("*.html")):
        sys.exit("There are no slides yet: run `make slides site`.")
    gather()
    shutil.rmtree(TARGET, ignore_errors=True)
    doctrees = build.ROOT / "build" / "doctrees"
    status = build_main(["-W", "--keep-going", "-q", "-d", str(doctrees), str(SOURCE), str(TARGET)])
    print(f"{TARGET.relative_to(build.ROOT)}/index.html")
    return status


if __name__ == "__main__":
    sys.exit(main())
