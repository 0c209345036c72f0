"""Make one self-contained presentation of each lesson, from its stored outputs.

python -m tools.slides [NN ...]            build/slides/NN_*.html
python -m tools.slides pdf [NN ...]        the same, and NN_*.pdf printed by Chromium
python -m tools.slides present NN          make one and serve it on this machine
"""

from __future__ import annotations

import functools
import http.server
import importlib.util
import shutil
import sys
import webbrowser
from pathlib import Path

import nbformat
from nbconvert.exporters import SlidesExporter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

from tools import build
from tools.deck import presentation

OUTPUT = build.ROOT / "build" / "slides"
WIDTH, HEIGHT = 1280, 720
BROWSER_FLAGS = [
    "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip


def package_folder(package: str) -> Path:
    """Return the folder of an installed package."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"The package {package} is not installed.")
    return Path(spec.submodule_search_locations[0])


@functools.cache
def asset(package: str, path: str) -> str:
    """Return a file that an installed package carries, fit to stand inside a page."""
    text = (package_folder(package) / path).read_text(encoding="utf-8")
    return text.replace("</script", r"<\/script")


def page(notebook: NotebookNode) -> str:
    """Return the presentation as one web page that asks for nothing else."""
    exporter = SlidesExporter(
        template_name="slides",
        extra_template_basedirs=[str(build.ROOT / "tools/templates")],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    revealjs = "_static/revealjs/"
    exporter.environment.globals.update(
        reveal_css=asset("sphinx_revealjs", revealjs + "dist/reveal.css"),
        reveal_js=asset("sphinx_revealjs", revealjs + "dist/reveal.js"),
        notes_js=asset("sphinx_revealjs", revealjs + "plugin/notes/notes.js"),
        mathjax_js=asset("sphinx-mathjax-offline", "static/mathjax/tex-svg.js"),
        highlight_css=HtmlFormatter(style="a11y-high-contrast-light").get_style_defs(".highlight"),
        own_css=(build.ROOT / "tools/templates/slides/slides.css").read_text(encoding="utf-8"),
        slide_width=WIDTH,
        slide_height=HEIGHT,
    )
    return exporter.from_notebook_node(notebook)[0]


def make(numbers: list[str]) -> list[Path]:
    """Write the presentations of the chosen lessons; return their paths."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    paths = []
    for product in build.products(numbers):
        if product.is_lesson:
            path = OUTPUT / f"{product.source.stem}.html"
            path.write_text(page(presentation(nbformat.read(product.notebook, 4))), encoding="utf-8")
            paths.append(path)
            print(f"{path.relative_to(build.ROOT)}  {path.stat().st_size / 1e6:.1f} MB", flush=True)
    return paths


def chromium() -> str:
    """Return the browser's program, or stop and say how to get one."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        sys.exit("Printing needs Chromium or Chrome. Debian, Ubuntu: sudo apt-get install chromium")
    return found


# reveal.js lays the pages out after it says that it is ready
PAGES = "document.querySelectorAll('.pdf-page').length"
ALL_PAGES = f"{PAGES} > 0 && {PAGES} === Reveal.getTotalSlides()"


def print_pdf(paths: list[Path]) -> None:
    """Print presentations to PDF, one slide a page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_FLAGS)
        for path in paths:
            target = path.with_suffix(".pdf")
            page = browser.new_page()
            page.goto(f"{path.as_uri()}?print-pdf")
            page.wait_for_selector("html[data-ready]", timeout=120_000)
            page.wait_for_function(ALL_PAGES, timeout=120_000)
            page.pdf(path=target, prefer_css_page_size=True, print_background=True)
            page.close()
            print(f"{target.relative_to(build.ROOT)}  {target.stat().st_size / 1e6:.1f} MB", flush=True)
        browser.close()


def present(paths: list[Path]) -> None:
    """Serve a presentation on this machine and open it."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(OUTPUT))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}/{paths[0].name}"
        print(f"{address}\nS: speaker's notes, O: overview, ?: all keys. Ctrl+C stops.", flush=True)
        webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


def main(arguments: list[str]) -> None:
    """Do what the command line says."""
    if arguments[:1] == ["pdf"]:
        print_pdf(make(arguments[1:]))
    elif arguments[:1] == ["present"]:
        if len(arguments) != 2 or not (paths := make(arguments[1:])):
            sys.exit("Say which lesson, for example: make present LESSON=03")
        present(paths)
    else:
        make(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
