"""Cut a lesson into slides, by rule: one step of the lesson on each.

A slide shows the first sentence of a paragraph, and more where there is room, lists, formulas, code, tables and
figures; what is left out is in the speaker's notes. Sections go to the right, the steps of a section down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import nbformat
from nbformat import NotebookNode

from tools.cutting import ROOM, Item, code_items, text_items

SUBHEADING = 60  # pixels
ROOM_WITHOUT_HEADING = 8  # more where the title is only repeated in small letters
ENOUGH = 600  # characters of text on a slide: no more is added
LARGE_FIGURE = 440  # a figure gives way to text down to this height
SUBTITLE = '<p class="again">Convolutional networks: a course in notebooks · text and figures CC BY 4.0</p>'


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
            self.put_heading(*group[0].cell.source.split(" ", 1))
            return
        least = sum(item.least for item in group if item.kind != "notes")
        if not self.is_fresh and (least > self.left or group[0].kind == "question"):
            self.open("subslide")
        self.grow(group)
        for place, item in enumerate(group):
            if item.kind == "notes":
                self.notes.append(item.notes)
            else:
                self.put_item(item, [later for later in group[place + 1 :] if later.kind != "notes"])

    def put_heading(self, marks: str, title: str) -> None:
        """Begin a slide, or write the heading right below that of its section."""
        if len(marks) > 2 and self.is_fresh:
            self.append(nbformat.v4.new_markdown_cell(f"{marks} {title}"), "-")
            self.title, self.left = title, self.left - SUBHEADING
        else:
            self.open("slide" if len(marks) <= 2 else "subslide", title)

    def grow(self, group: list[Item]) -> None:
        """Let the texts show more, and code and output be larger, as far as the slide has room."""
        spare = self.left - sum(min(item.height, LARGE_FIGURE) for item in group if item.kind != "notes")
        texts = [item for item in group if item.kind in ("text", "notice")]
        for item in sorted(texts, key=lambda item: item.kind != "notice"):
            others = sum(len(text.cell.source) for text in texts if text is not item)
            spare -= item.extend(spare, ENOUGH - others)
        for item in group:
            spare -= item.enlarge(spare)

    def put_item(self, item: Item, later: list[Item]) -> None:
        """Show one item of a group, with an eye on what comes after it."""
        if later and item.height + later[0].least > self.left:  # what follows needs the next slide
            item.extend(self.left - item.height, ENOUGH)
        after = sum(other.least for other in later if other.kind in ("notice", "printed"))
        is_figure = item.kind == "figure"
        if (item.least > self.left or (is_figure and item.least + after > self.left)) and not self.is_fresh:
            self.open("subslide")
        if is_figure:
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
