"""Make one self-contained presentation of each lesson, from its stored outputs.

python -m tools.slides [NN ...]            build/slides/NN_*.html
python -m tools.slides pdf [NN ...]        the same, and NN_*.pdf printed by Chromium
python -m tools.slides present NN          make one and serve it on this machine

A slide shows the first sentence of a paragraph, and more where there is room, lists, formulas, code, tables and
figures; what is left out is in the speaker's notes. Sections go to the right, the steps of a section down.
"""

from __future__ import annotations

import ast
import base64
import functools
import http.server
import importlib.util
import io
import re
import shutil
import sys
import textwrap
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbconvert.exporters import SlidesExporter
from nbformat import NotebookNode
from PIL import Image
from pygments.formatters import HtmlFormatter

from tools import build

OUTPUT = build.ROOT / "build" / "slides"
WIDTH, HEIGHT = 1280, 720
ROOM = 596  # pixels below the heading of a slide
ROOM_WITHOUT_HEADING = 8  # more where the title is only repeated in small letters
SUBHEADING = 60  # pixels
TEXT_LINE, CODE_LINE, OUTPUT_LINE, TABLE_LINE, ROW = 41, 25, 23, 34, 43  # pixels; slides.css sets them
LARGER = 7  # pixels that a line of code or output takes more where there is room
CHARACTERS, TABLE_CHARACTERS = 88, 76  # in a line
SMALLEST_FIGURE = 390  # pixels of height: below this a figure goes to the next slide
ENOUGH = 600  # characters of text on a slide: no more is added
LARGE_FIGURE = 440  # a figure gives way to text down to this height
SHORT = 180  # characters of a paragraph that are shown if whole sentences fill them
LONGER = (260, 340, 420)  # the same, where the slide has room
BROWSER_FLAGS = [
    "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
SUBTITLE = '<p class="again">Convolutional networks: a course in notebooks · text and figures CC BY 4.0</p>'
ABBREVIATIONS = ("e.g.", "i.e.", "vs.", "etc.", "al.", "Fig.", "ch.", "cf.")


# --- Text ---------------------------------------------------------------------------------------------------------


def opening(text: str, most: int = SHORT) -> str:
    """Return the first sentence of Markdown text, and the next ones as long as they are short."""
    shown = first_sentence(text)
    while len(shown) < len(text):
        longer = shown + first_sentence(text[len(shown) :])
        if len(longer) > most or longer == shown:
            break
        shown = longer
    return shown


def first_sentence(text: str) -> str:
    """Return the first sentence, with the blanks and the bold label before it (**What to notice.** …)."""
    label = re.match(r"\s*(\*\*[^*]+[.:]\*\*:?\s+)?(?=\S)", text)
    start = label.end() if label else 0
    depth, mark = 0, ""
    for place in range(start, len(text)):
        sign = text[place]
        if mark:
            mark = "" if sign == mark else mark
        elif sign in "`$":
            mark = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign in ".!?" and depth <= 0 and re.match(r"[.!?][*_”\"]*(\s|$)", text[place:]):
            end = place + re.match(r"[.!?][*_”\"]*", text[place:]).end()
            if not text[:end].endswith(ABBREVIATIONS) and text[:end].count("**") % 2 == 0:
                return text[:end]
    return text.rstrip(" :") + ":" if text.rstrip().endswith(":") else text


def shortened(block: str, most: int = SHORT) -> str:
    """Return what a slide shows of a paragraph or a list, about ``most`` characters of the paragraph."""
    mark = r"\s*(?:[-*]|\d+\.)\s+"
    if not re.match(mark, block):
        # within a paragraph a list begins with 1, else a line happens to begin with a number
        lead, *rest = re.split(r"\n(?=\s*(?:[-*]|1\.)\s)", block, maxsplit=1)
        return "\n\n".join([opening(joined(lead), most), *(shortened(part, most) for part in rest)])
    items = re.split(rf"\n(?={mark})", block)
    return "\n".join(
        re.match(mark, item).group() + opening(joined(re.sub(f"^{mark}", "", item)), most // 2)
        for item in items
    )


def same_words(one: str, other: str) -> bool:
    """Return whether two texts differ in nothing but blanks."""
    return one.split() == other.split()


def joined(text: str) -> str:
    """Return the lines as one."""
    return " ".join(line.strip() for line in text.splitlines())


def without_links(markdown: str) -> str:
    """Return the text without badges and without links to files, which a presentation does not have beside it."""
    markdown = re.sub(r"^\[!\[.*$", "", markdown, flags=re.M)
    return re.sub(r"(?<!!)\[([^\]]+)\]\((?!https?:)[^)]*\)", r"\1", markdown)


def blocks_of(markdown: str) -> list[str]:
    """Return headings, paragraphs, lists, tables, formulas and folded answers, in order."""
    markdown = without_links(markdown)
    found, rest = [], markdown.strip()
    pattern = re.compile(r"<details>.*?</details>|```.*?```|\$\$.*?\$\$|^#+ [^\n]*", re.S | re.M)
    while match := pattern.search(rest):
        found += re.split(r"\n\s*\n", rest[: match.start()].strip())
        found.append(match.group())
        rest = rest[match.end() :].strip()
    found += re.split(r"\n\s*\n", rest)
    return [block.strip("\n") for block in found if block.strip()]


def text_height(markdown: str, characters: int = CHARACTERS) -> int:
    """Estimate the height of shown text in pixels."""
    if markdown.startswith("```"):
        return CODE_LINE * (len(markdown.splitlines()) - 2) + 40
    plain = re.sub(r"\]\([^)]*\)|[*`$]|\\[a-z]+", "", markdown)
    lines = [line for line in plain.splitlines() if line.strip()]
    if "$$" in markdown:
        return 110
    return sum(TEXT_LINE * -(-max(len(line), 1) // characters) + 8 for line in lines) + 14


# --- From a lesson to slides --------------------------------------------------------------------------------------


@dataclass
class Item:
    """One thing on a slide: its cell, its height in pixels, and what only the notes hold."""

    kind: str  # heading, text, notice, question, answer, code, printed, figure, or notes: not shown
    height: int
    cell: NotebookNode
    notes: str = ""

    def extend(self, spare: int, characters: int) -> int:
        """Show more of a text that was cut, as far as pixels and characters allow; return the pixels it took."""
        taken = 0
        if self.kind in ("text", "notice") and self.notes:
            for most in LONGER:
                text = shortened(self.notes, most)
                if text_height(text) - self.height > spare - taken or len(text) > characters:
                    break
                taken += text_height(text) - self.height
                self.cell.source, self.height = text, text_height(text)
            if same_words(self.cell.source, self.notes):
                self.notes = ""
        return taken

    def enlarge(self, spare: int) -> int:
        """Show code or printed text larger if it stays within the width and the spare pixels; return what it took."""
        output = "".join(part.get("text", "") for part in self.cell.get("outputs", []))
        lines = (output or self.cell.source).splitlines()
        more = LARGER * len(lines)
        if self.kind not in ("code", "printed") or more > spare or max(map(len, lines), default=99) > 80:
            return 0
        self.cell.metadata["large"] = True
        self.height += more
        return more

    @property
    def least(self) -> int:
        """The smallest height that will do: a figure can be made smaller."""
        return min(self.height, SMALLEST_FIGURE) if self.kind == "figure" else self.height


def text_items(markdown: str) -> Iterator[Item]:
    """Yield what a Markdown cell shows."""
    for block in blocks_of(markdown):
        cell = nbformat.v4.new_markdown_cell
        if block.startswith("**What you will learn**"):
            yield Item("heading", 0, cell("## What you will learn"))
            block = block.split("\n", 1)[1]
        if block.startswith("#"):
            yield Item("heading", 0, cell(block))
        elif block.startswith("<details>"):
            answer = re.sub(r"</?details>|<summary>.*?</summary>", "", block, flags=re.S).strip()
            yield Item("answer", text_height(joined(answer), 70), cell(answer))
        elif block.startswith("**Question"):
            yield Item("question", text_height(joined(block), 70), cell(block))
        elif block.startswith("|"):
            yield from table_items(block)
        else:
            shown = block if block.startswith(("$$", "```", "<", "!", ">")) else shortened(block)
            yield Item("text", text_height(shown), cell(shown), "" if same_words(shown, block) else block)


def table_items(table: str) -> Iterator[Item]:
    """Yield a table in parts that fit, each with the head."""
    head, rule, *rows = table.splitlines()
    part, height = [], ROW
    for row in rows:
        lines = -(-len(row) // TABLE_CHARACTERS)
        if height + lines * TABLE_LINE + ROW - TABLE_LINE > ROOM:
            yield Item("text", height, nbformat.v4.new_markdown_cell("\n".join([head, rule, *part])))
            part, height = [], ROW
        part.append(row)
        height += lines * TABLE_LINE + ROW - TABLE_LINE
    yield Item("text", height + 16, nbformat.v4.new_markdown_cell("\n".join([head, rule, *part])))


def code_items(cell: NotebookNode) -> Iterator[Item]:
    """Yield what a code cell shows: its code, unless that only draws or checks, and its outputs."""
    source = re.sub(r"^# NBVAL_CHECK_OUTPUT\n", "", cell.source)
    source = re.sub(r"^ *plots\.show\(.*\Z", "", source, flags=re.M | re.S).strip()
    source = re.sub(r"\n{3,}", "\n\n", without_checks(source) if cell.outputs else source)
    height = CODE_LINE * sum(-(-max(len(line), 1) // 100) for line in source.splitlines()) + 34
    if source:
        hidden = only_draws(source) or source.startswith("# The numbers in the answers")
        kind = "notes" if hidden or not (cell.outputs or defines(source)) else "code"
        yield Item(kind, height, nbformat.v4.new_code_cell(source), f"```python\n{source}\n```")
    printed = ""
    for output in cell.outputs:
        if output.output_type == "stream":
            printed += output.text
            continue
        yield from printed_items(printed)
        yield from output_items(output)
        printed = ""
    yield from printed_items(printed)


def without_checks(source: str) -> str:
    """Return the code without the assertions at its top level, and without what only decides whether to assert."""
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        body = node.body + node.orelse if isinstance(node, ast.If) else [node]
        if all(isinstance(part, ast.Assert) for part in body):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines).strip()


def defines(source: str) -> bool:
    """Return whether the code does more than to check what is there already."""
    return any(not isinstance(node, ast.Assert | ast.If) for node in ast.parse(source).body)


def only_draws(source: str) -> bool:
    """Return whether most of the code is about the look of a figure."""
    if re.match(r"def (draw|show|plot)", source):
        return True
    lines = [line for line in source.splitlines() if line.strip()]
    drawing = [line for line in lines if re.search(r"\b(axis|axes|plt|figure|plots)\b", line)]
    return len(drawing) > (0.3 if len(lines) > 6 else 0.5) * len(lines)


def shown(output: NotebookNode) -> NotebookNode:
    """Return a cell that shows one output and no code."""
    cell = nbformat.v4.new_code_cell("", outputs=[output])
    cell.metadata["transient"] = {"remove_source": True}
    return cell


def printed_items(text: str) -> Iterator[Item]:
    """Yield printed text in parts that fit."""
    lines = []
    for line in text.rstrip().splitlines():
        lines += textwrap.wrap(line, 112, drop_whitespace=False) or [""]
    for first in range(0, len(lines), 24):
        part = lines[first : first + 24]
        output = nbformat.v4.new_output("stream", name="stdout", text="\n".join(part))
        yield Item("printed", OUTPUT_LINE * len(part) + 24, shown(output))


def output_items(output: NotebookNode) -> Iterator[Item]:
    """Yield a figure or a table; a drawing much taller than wide in several parts."""
    page = output.data.get("text/html", "")
    if "image/png" in output.data:
        width, height = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))).size
        yield Item("figure", min(ROOM, int(height * min(1180 / width, 2.2))) + 12, shown(output))
    elif view := re.search(
        r'<svg width="[^"]*" height="[^"]*"\s+viewBox="0.00 0.00 ([\d.]+) ([\d.]+)"', page
    ):
        width, height = float(view.group(1)), float(view.group(2))
        parts = -(-height // width)
        for number in range(int(parts)):
            box = f'<svg viewBox="0 {number * height / parts} {width} {height / parts}"'
            part = nbformat.v4.new_output("display_data", {"text/html": page.replace(view.group(), box)})
            yield Item("figure", ROOM, shown(part))
    elif page and "<pre" not in page:
        yield Item("printed", 36 * (page.count("<tr") or 4) + 20, shown(output))
    else:
        yield from printed_items(output.data["text/plain"])


def groups(items: list[Item]) -> Iterator[list[Item]]:
    """Yield the items that belong on one slide: a lead, its code and outputs, and what to notice in them."""
    group: list[Item] = []
    for item in items:
        kinds = [member.kind for member in group]
        has_output = "figure" in kinds or "printed" in kinds
        follows = item.kind == "text" and item.cell.source.startswith("**What to notice") and has_output
        closed = {"heading", "notice", "answer"} & set(kinds)
        if (
            item.kind in ("heading", "question")
            or closed
            or (has_output and item.kind in ("text", "code", "notes") and not follows)
            or (item.kind == "figure" and "figure" in kinds)
            or (item.kind in ("code", "text") and "code" in kinds and not follows)
        ):
            if group:
                yield group
            group = []
        if follows:
            item.kind = "notice"
        group.append(item)
    if group:
        yield group


class Deck:
    """Puts items on slides, and opens a further slide of the same section where one is full."""

    def __init__(self) -> None:
        self.cells: list[NotebookNode] = []
        self.notes: list[str] = []
        self.title = ""
        self.left = 0  # pixels on the present slide
        self.is_fresh = False  # whether it holds nothing but its title

    def open(self, kind: str, title: str = "") -> None:
        """Begin a slide, "slide" to the right or "subslide" down, with a title or, without one, the last again."""
        self.finish()
        again = f'<p class="again">{plain(self.title)}</p>'
        text = f"{'##' if kind == 'slide' else '###'} {title}" if title else again
        self.append(nbformat.v4.new_markdown_cell(text), kind)
        self.title = title or self.title
        self.left = ROOM if title else ROOM + ROOM_WITHOUT_HEADING
        self.is_fresh = True

    def put(self, group: list[Item]) -> None:
        """Show a group together if it fits on one slide, else one after the other."""
        if group[0].kind == "heading":
            marks, title = group[0].cell.source.split(" ", 1)
            if len(marks) > 2 and self.is_fresh:  # right below the heading of the section
                self.append(nbformat.v4.new_markdown_cell(group[0].cell.source), "-")
                self.title, self.left = title, self.left - SUBHEADING
            else:
                self.open("slide" if len(marks) <= 2 else "subslide", title)
            return
        least = sum(item.least for item in group if item.kind != "notes")
        if not self.is_fresh and (least > self.left or group[0].kind == "question"):
            self.open("subslide")
        spare = self.left - sum(min(item.height, LARGE_FIGURE) for item in group if item.kind != "notes")
        texts = [item for item in group if item.kind in ("text", "notice")]
        for item in sorted(texts, key=lambda item: item.kind != "notice"):
            others = sum(len(text.cell.source) for text in texts if text is not item)
            spare -= item.extend(spare, ENOUGH - others)
        for item in group:
            spare -= item.enlarge(spare)
        for place, item in enumerate(group):
            if item.kind == "notes":
                self.notes.append(item.notes)
                continue
            rest = [later.least for later in group[place + 1 :] if later.kind != "notes"]
            if rest and item.height + rest[0] > self.left:  # what follows needs the next slide
                item.extend(self.left - item.height, ENOUGH)
            after = sum(later.least for later in group[place + 1 :] if later.kind in ("notice", "printed"))
            is_full = item.least > self.left or (item.kind == "figure" and item.least + after > self.left)
            if is_full and not self.is_fresh:
                self.open("subslide")
            if item.kind == "figure":
                room = (
                    self.left - after
                )  # what follows goes to the next slide rather than make the figure too small
                item.height = min(item.height, room if room >= item.least else self.left)
                item.cell.metadata["height"] = item.height - 12
            if item.notes and item.kind != "code":
                self.notes.append(item.notes)
            self.left -= item.height
            self.is_fresh = False
            self.append(item.cell, "fragment" if item.kind == "answer" else "-")
            if item.kind == "answer":
                self.left = 0  # what follows does not belong to the answer

    def finish(self) -> None:
        """Close a slide: what was cut from it becomes the speaker's notes."""
        if self.notes:
            self.append(nbformat.v4.new_markdown_cell("\n\n".join(self.notes)), "notes")
            self.notes = []

    def append(self, cell: NotebookNode, kind: str) -> None:
        """Add a cell in its role, without counting its height."""
        cell.metadata["slideshow"] = {"slide_type": kind}
        self.cells.append(cell)


def plain(markdown: str) -> str:
    """Return a heading's text without its marks."""
    return re.sub(r"[*`]", "", markdown).replace("&", "&amp;").replace("<", "&lt;")


def presentation(lesson: NotebookNode) -> NotebookNode:
    """Return the lesson, cut into slides."""
    items = list(text_items(lesson.cells[0].source))
    title = items.pop(0).cell.source.lstrip("# ")
    is_open = False  # before the first section the notebook only gets itself ready
    for cell in lesson.cells[1:]:
        is_open = is_open or cell.source.startswith("## ")
        if is_open and cell.metadata.slideshow.slide_type != "skip":
            items += text_items(cell.source) if cell.cell_type == "markdown" else code_items(cell)
    deck = Deck()
    deck.title, deck.left = title, 300
    deck.append(nbformat.v4.new_markdown_cell(f"# {title}\n\n{SUBTITLE}"), "slide")
    for group in groups(items):
        deck.put(group)
    deck.finish()
    return nbformat.v4.new_notebook(cells=deck.cells, metadata={**lesson.metadata, "title": plain(title)})


# --- From slides to a file ----------------------------------------------------------------------------------------


@functools.cache
def asset(package: str, path: str) -> str:
    """Return a file that an installed package carries, fit to stand inside a page."""
    folder = importlib.util.find_spec(package).submodule_search_locations[0]
    return Path(folder, path).read_text(encoding="utf-8").replace("</script", r"<\/script")


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
