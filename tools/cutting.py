"""Cut the cells of a lesson into the pieces that slides show: sentences, code, outputs, with their heights."""

from __future__ import annotations

import ast
import base64
import io
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode
from PIL import Image

ROOM = 596  # pixels below the heading of a slide
TEXT_LINE, CODE_LINE, OUTPUT_LINE, TABLE_LINE, ROW = 41, 25, 23, 34, 43  # pixels; slides.css sets them
LARGER = 7  # pixels that a line of code or output takes more where there is room
CHARACTERS, TABLE_CHARACTERS = 88, 76  # in a line
SMALLEST_FIGURE = 390  # pixels of height: below this a figure goes to the next slide
SHORT = 180  # characters of a paragraph that are shown if whole sentences fill them
LONGER = (260, 340, 420)  # the same, where the slide has room
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
        elif sign in ".!?" and depth <= 0 and (stop := re.match(r"([.!?][*_”\"]*)(\s|$)", text[place:])):
            end = place + stop.end(1)
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
    pairs = [re.split(f"^({mark})", item, maxsplit=1)[-2:] for item in items]
    return "\n".join(sign + opening(joined(text), most // 2) for sign, text in pairs)


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
    markdown = without_links(re.sub(r"<!--.*?-->", "", markdown, flags=re.S))
    found, rest = [], markdown.strip()
    pattern = re.compile(r"(?:<details>.*?</details>\s*)+|```.*?```|\$\$.*?\$\$|^#+ [^\n]*", re.S | re.M)
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
            lines, width = (answer, CHARACTERS) if "is right.**" in answer else (joined(answer), 70)
            yield Item("answer", text_height(lines, width), cell(answer))
        elif block.startswith("**Question"):
            lines, width = (block, CHARACTERS) if "<br>" in block else (joined(block), 70)
            yield Item("question", text_height(lines, width), cell(block))
        elif block.startswith("|"):
            yield from table_items(block)
        else:
            shown = block if block.startswith(("$$", "```", "<", "!", ">")) else shortened(block)
            yield Item("text", text_height(shown), cell(shown), "" if same_words(shown, block) else block)


def table_items(table: str) -> Iterator[Item]:
    """Yield a table in parts that fit, each with the head."""
    head, rule, *rows = table.splitlines()
    part: list[str] = []
    height = ROW
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
    source = re.sub(r"^ *plots\.show\(.*\Z", "", cell.source, flags=re.M | re.S).strip()
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
        wide, high = float(view.group(1)), float(view.group(2))
        parts = int(-(-high // wide))
        for number in range(parts):
            box = f'<svg viewBox="0 {number * high / parts} {wide} {high / parts}"'
            part = nbformat.v4.new_output("display_data", {"text/html": page.replace(view.group(), box)})
            yield Item("figure", ROOM, shown(part))
    elif page and "<pre" not in page:
        yield Item("printed", 36 * (page.count("<tr") or 4) + 20, shown(output))
    else:
        yield from printed_items(output.data["text/plain"])
