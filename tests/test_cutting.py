"""tools.cutting and tools.deck: which pieces a lesson is cut into, and on which slides they come to stand."""

import nbformat
import pytest

from tests import small_course
from tools import cutting
from tools import deck as deck_of


def printed(text):
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def code_items(source, *outputs):
    return list(cutting.code_items(nbformat.v4.new_code_cell(source, outputs=list(outputs))))


def kinds(items):
    return [item.kind for item in items]


# Text


def test_links_to_files_become_text_and_others_stay():
    text = "[![badge](x.svg)](y)\nSee [lesson](03.ipynb), [the page](https://x.org) and ![A picture.](a.png)"
    assert cutting.without_links(text) == "\nSee lesson, [the page](https://x.org) and ![A picture.](a.png)"


@pytest.mark.parametrize(
    ("markdown", "kinds_of_items"),
    [
        ("# Title\n\nText.", ["heading", "text"]),
        (
            "**Question 1.** Why?\n\n<details><summary>Answer</summary>\n\nSo.\n\n</details>",
            ["question", "answer"],
        ),
        ("**What you will learn**\n- one\n- two", ["heading", "text"]),
        ("| a | b |\n| --- | --- |\n| 1 | 2 |", ["text"]),
        ("$$\nx\n$$\nText.", ["text", "text"]),
    ],
)
def test_a_cell_of_text_is_cut_by_its_marks(markdown, kinds_of_items):
    assert kinds(cutting.text_items(markdown)) == kinds_of_items


def test_an_answer_is_shown_without_its_fold():
    markdown = "<details><summary>Answer</summary>\n\nBecause **so**.\n\n</details>"
    (answer,) = cutting.text_items(markdown)
    assert answer.cell.source == "Because **so**."


def test_what_is_cut_from_a_text_is_in_the_notes_whole():
    sentences = [
        f"Sentence {n} says something that takes a while to say, and then some more of it." for n in range(5)
    ]
    block = " ".join(sentences)
    (item,) = cutting.text_items(block)
    assert item.cell.source == " ".join(sentences[:2])  # 180 characters at most
    assert item.notes == block
    (short,) = cutting.text_items("One sentence.")
    assert short.notes == ""


def test_formulas_code_and_quotations_are_never_cut():
    for block in (
        "$$\na. b\n$$",
        "```\nOne. Two.\n```",
        "> One. Two. " + "Three. " * 60,
        '<div class="x">One. Two.</div>',
    ):
        (item,) = cutting.text_items(block)
        assert item.cell.source == block.strip()
        assert item.notes == ""


def test_heights_grow_with_lines():
    line = "x" * cutting.CHARACTERS
    one, two = cutting.text_height(line), cutting.text_height(line + "x")
    assert two - one == cutting.TEXT_LINE
    assert cutting.text_height(f"{line}\n\n{line}") > two  # and a gap between two
    assert cutting.text_height("[text](" + "y" * 200 + ") `code`") == cutting.text_height("text code")
    code = "```python\na\nb\nc\n```"
    assert cutting.text_height(code) - cutting.text_height(code.replace("c\n", "")) == cutting.CODE_LINE


def test_a_long_table_is_continued_with_its_head():
    head, rule = "| a | b |", "| --- | --- |"
    rows = [f"| {n} | {'x' * 30} |" for n in range(30)]
    parts = list(cutting.text_items("\n".join([head, rule, *rows])))
    assert len(parts) > 1
    texts = [part.cell.source.splitlines() for part in parts]
    assert all(text[:2] == [head, rule] for text in texts)
    assert [row for text in texts for row in text[2:]] == rows
    assert all(part.height <= cutting.ROOM + 16 for part in parts)


def test_a_text_is_extended_no_further_than_its_characters_and_pixels():
    sentences = " ".join(f"Sentence {n} takes about forty characters." for n in range(12))

    def extended(spare, characters):
        (item,) = cutting.text_items(sentences)
        taken = item.extend(spare, characters)
        return taken, len(item.cell.source), item.notes

    taken, length, notes = extended(1000, 300)
    assert 180 < length <= 300
    assert notes == sentences
    assert taken % cutting.TEXT_LINE == 0
    assert extended(cutting.TEXT_LINE - 1, 1000)[1] <= 2 * cutting.CHARACTERS + 8  # no room for one more line
    more = extended(10 * cutting.TEXT_LINE, 1000)
    assert more[1] <= cutting.LONGER[-1]


# Code and outputs


@pytest.mark.parametrize(
    ("source", "outputs", "expected"),
    [
        ("x = 1", (), ["code"]),
        ("x = 1\nprint(x)", ("1\n",), ["code", "printed"]),
        ("assert x", (), ["notes"]),
        ("# The numbers in the answers\nassert x\nprint(1)", ("1\n",), ["notes", "printed"]),
        ("figure, axis = plt.subplots()\naxis.plot(x)", (), ["notes"]),
        ("", (), []),
    ],
)
def test_code_is_shown_where_it_says_something(source, outputs, expected):
    assert kinds(code_items(source, *map(printed, outputs))) == expected


@pytest.mark.parametrize(
    ("plain", "drawing", "draws"), [(3, 3, False), (2, 3, True), (5, 3, True), (6, 2, False)]
)
def test_long_code_draws_where_a_third_of_it_does(plain, drawing, draws):
    lines = [f"x = {n}" for n in range(plain)] + [f"axis.plot({n})" for n in range(drawing)]
    assert cutting.only_draws("\n\n".join(lines)) is draws


def test_the_description_of_a_figure_is_not_on_its_slide():
    source = 'x = compute()\ny = x + 1\nplots.show(\n    "A line that rises."\n)'
    shown = code_items(source, small_course.figure_output())
    assert kinds(shown) == ["code", "figure"]
    assert shown[0].cell.source == "x = compute()\ny = x + 1"
    assert shown[1].cell.metadata["transient"] == {"remove_source": True}


def test_the_code_that_is_left_out_is_in_the_notes():
    source = "figure, axis = plt.subplots()\naxis.plot(x)"
    assert code_items(source)[0].notes == f"```python\n{source}\n```"


def test_only_checks_that_decide_nothing_else_are_left_out():
    source = "x = 1\nassert x\nif x:\n    assert x > 0\nelse:\n    x = 2\nfor n in []:\n    assert n"
    assert cutting.without_checks(source) == source.replace("assert x\n", "", 1)


def test_outputs_keep_their_order_and_printed_text_is_joined():
    outputs = [printed("1\n"), printed("2\n"), small_course.figure_output(), printed("3\n")]
    items = code_items("x = 1", *outputs)
    assert kinds(items) == ["code", "printed", "figure", "printed"]
    assert [item.cell.outputs[0].text for item in items if item.kind == "printed"] == ["1\n2", "3"]


def test_long_printed_text_is_cut_after_24_lines_and_wide_lines_are_wrapped():
    items = list(cutting.printed_items("\n".join(str(n) for n in range(30))))
    assert [len(item.cell.outputs[0].text.splitlines()) for item in items] == [24, 6]
    assert items[0].height - items[1].height == 18 * cutting.OUTPUT_LINE
    (wide,) = cutting.printed_items("x" * 113)
    assert [len(line) for line in wide.cell.outputs[0].text.splitlines()] == [112, 1]
    (gap,) = cutting.printed_items("a\n\nb")
    assert gap.cell.outputs[0].text == "a\n\nb"


@pytest.mark.parametrize(
    ("size", "height"),
    [((590, 100), 200), ((2360, 1000), 500), ((100, 100), 220), ((100, 1000), cutting.ROOM)],
)
def test_a_figure_is_as_wide_as_the_slide_but_not_blown_up(size, height):
    output = small_course.figure_output(data=small_course.png(size=size))
    (item,) = cutting.output_items(output)
    assert (item.kind, item.height) == ("figure", height + 12)


def test_a_drawing_much_higher_than_wide_comes_in_parts():
    svg = '<svg width="100pt" height="250pt"\n viewBox="0.00 0.00 100.00 250.00" x="y"><g/></svg>'
    output = nbformat.v4.new_output("display_data", {"text/html": svg, "text/plain": "svg"})
    parts = list(cutting.output_items(output))
    assert kinds(parts) == ["figure"] * 3
    boxes = [part.cell.outputs[0].data["text/html"].split('viewBox="')[1].split('"')[0] for part in parts]
    numbers = [[float(number) for number in box.split()] for box in boxes]
    assert [box[1] for box in numbers] == pytest.approx([0, 250 / 3, 500 / 3])
    assert all(box[3] == pytest.approx(250 / 3) for box in numbers)


def test_a_table_is_as_high_as_its_rows_and_plain_text_is_printed():
    def item(html):
        output = nbformat.v4.new_output("execute_result", {"text/html": html, "text/plain": "1\n2"})
        return next(iter(cutting.output_items(output)))

    table = item("<table><tr></tr><tr></tr></table>")
    assert table.height - item("<table><tr></tr></table>").height == 36
    assert "text/html" in table.cell.outputs[0].data
    assert item("<pre>1</pre>").cell.outputs[0].text == "1\n2"


def test_only_narrow_code_and_printed_text_is_enlarged():
    def item(kind, source):
        return cutting.Item(kind, 100, nbformat.v4.new_code_cell(source))

    fits, wide = item("code", "x" * 80), item("code", "x" * 81)
    assert (fits.enlarge(100), wide.enlarge(100)) == (cutting.LARGER, 0)
    assert fits.height == 100 + cutting.LARGER
    assert fits.cell.metadata["large"] is True
    assert "large" not in wide.cell.metadata
    assert item("text", "x").enlarge(100) == 0
    assert item("code", "").enlarge(100) == 0


# Groups


def item(kind, height=50, source="Text.", notes=""):
    return cutting.Item(kind, height, nbformat.v4.new_markdown_cell(source), notes)


NOTICE = "**What to notice.** It rises."


@pytest.mark.parametrize(
    ("items", "sizes"),
    [
        (["text", "code", "figure"], [3]),
        (["text", "text"], [2]),
        (["code", "text"], [1, 1]),
        (["code", "code"], [1, 1]),
        (["code", "figure", "text"], [2, 1]),
        (["code", "figure", "figure"], [2, 1]),
        (["code", "printed", "figure"], [3]),
        (["heading", "text"], [1, 1]),
        (["text", "question", "answer", "text"], [1, 2, 1]),
        (["code", "figure", "notes"], [2, 1]),
    ],
)
def test_what_belongs_together_comes_together(items, sizes):
    groups = list(deck_of.groups([item(kind) for kind in items]))
    assert [len(group) for group in groups] == sizes


def test_what_to_notice_belongs_to_its_figure():
    figure, notice, after = item("figure"), item("text", source=NOTICE), item("text")
    assert list(deck_of.groups([figure, notice, after])) == [[figure, notice], [after]]
    assert notice.kind == "notice"
    alone = item("text", source=NOTICE)
    assert list(deck_of.groups([item("text"), alone])) != []
    assert alone.kind == "text"  # there is nothing to notice it in


# Decks


def roles(deck):
    return [cell.metadata.slideshow.slide_type for cell in deck.cells]


@pytest.fixture
def deck():
    deck = deck_of.Deck()
    deck.open("slide", "A *title*")
    return deck


def test_sections_go_to_the_right_and_their_steps_down(deck):
    deck.put([item("text")])
    deck.put([item("heading", 0, "### A step")])
    deck.put([item("heading", 0, "#### A small step")])
    deck.put([item("heading", 0, "## A section")])
    assert roles(deck) == ["slide", "-", "subslide", "-", "slide"]
    assert [cell.source for cell in deck.cells if cell.source.startswith("#")] == [
        "## A *title*", "### A step", "#### A small step", "## A section",
    ]  # fmt: skip
    assert deck.title == "A section"


def test_a_heading_right_below_that_of_its_section_takes_room(deck):
    room = deck.left
    deck.put([item("heading", 0, "### A step")])
    assert deck.left == room - deck_of.SUBHEADING
    assert roles(deck) == ["slide", "-"]


def test_a_continued_slide_repeats_its_title_small(deck):
    for _ in range(3):
        deck.put([item("text", 400)])
    assert roles(deck) == ["slide", "-", "subslide", "-", "subslide", "-"]
    assert [deck.cells[place].source for place in (2, 4)] == ['<p class="again">A title</p>'] * 2
    assert deck.left == cutting.ROOM + deck_of.ROOM_WITHOUT_HEADING - 400


def test_a_question_has_a_slide_of_its_own_and_the_answer_comes_at_the_next_key(deck):
    deck.put([item("text")])
    deck.put([item("question"), item("answer")])
    deck.put([item("text")])
    assert roles(deck) == ["slide", "-", "subslide", "-", "fragment", "subslide", "-"]


def test_a_slide_that_holds_nothing_yet_is_used_however_large_the_item(deck):
    deck.put([item("text", 2000)])
    assert roles(deck) == ["slide", "-"]


def test_notes_stand_at_the_end_of_the_slide_they_belong_to(deck):
    long = "word " * 200 + "end."
    deck.put(
        [item("notes", 25, notes="first"), item("text", 400, notes=long), item("code", 50, notes="its code")]
    )
    deck.put([item("text", 400)])
    deck.finish()
    assert roles(deck) == ["slide", "-", "-", "notes", "subslide", "-"]
    assert deck.cells[3].source == f"first\n\n{long}"  # code that is shown needs no note


def test_notes_take_no_room(deck):
    deck.put([item("text", 100)])
    deck.put([item("text", 300), item("notes", 500, notes="x"), item("text", 190)])
    assert roles(deck) == ["slide", "-", "-", "-"]


def test_the_figure_tells_its_height_to_the_page(deck):
    figure = item("figure", 500)
    deck.put([figure])
    assert figure.cell.metadata["height"] == 488
    assert deck.left == cutting.ROOM - 500


def test_a_lesson_is_cut_from_its_first_section_on_without_what_is_skipped():
    def cell(source, kind="slide", new=nbformat.v4.new_markdown_cell):
        return new(source, metadata={"slideshow": {"slide_type": kind}})

    code = nbformat.v4.new_code_cell
    cells = [
        cell("# 03 · A < B\n\nWhat you will do."), cell("import x", "-", code), cell("Before any section."),
        cell("## One\n\nText."), cell("secret = 1", "skip", code), cell("x = 1", "-", code),
    ]  # fmt: skip
    deck = deck_of.presentation(nbformat.v4.new_notebook(cells=cells))
    text = "\n".join(cell.source for cell in deck.cells)
    assert deck.cells[0].source.startswith("# 03 · A < B\n\n<p")
    assert deck.metadata.title == "03 · A &lt; B"
    assert "What you will do." in text
    assert "## One" in text
    assert "x = 1" in text
    for absent in ("import x", "Before any section", "secret"):
        assert absent not in text
    assert roles(deck)[0] == "slide"
