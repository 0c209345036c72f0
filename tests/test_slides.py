"""How a lesson is cut into slides and gathered into pages; what a browser shows of them is tested in browser_*.py."""

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import small_course
from tools import build, cutting, slides, website
from tools import deck as deck_of

LESSONS = [product for product in build.products() if product.is_lesson]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One. Two.", "One."),
        ("**What to notice.** The curve falls. Then it rises.", "**What to notice.** The curve falls."),
        ("It takes 3.5 s, e.g. here. Then more.", "It takes 3.5 s, e.g. here."),
        ("Call `a. b` or $x. y$ (see 2. There). End.", "Call `a. b` or $x. y$ (see 2. There)."),
        ("**One. Two** is bold. Three.", "**One. Two** is bold."),
        ("Is it? Yes.", "Is it?"),
        ("No end", "No end"),
        ("Which ones:", "Which ones:"),
    ],
)
def test_first_sentence(text, first):
    assert cutting.first_sentence(text) == first


@given(
    st.lists(st.from_regex(r"[A-Z][a-z]{1,30}( [a-z]{1,9}){0,12}\.", fullmatch=True), min_size=1, max_size=8)
)
def test_opening_is_whole_sentences_from_the_beginning(sentences):
    text = " ".join(sentences)
    shown = cutting.opening(text)
    assert text.startswith(shown)
    assert shown.endswith(".")
    assert shown.count(".") in range(1, len(sentences) + 1)
    assert len(shown) <= max(cutting.SHORT, len(sentences[0]))


def test_list_shows_the_beginning_of_each_item():
    item = "a point that takes a while to make. And then its reason, which the speaker gives, at length and in detail."
    shown = cutting.shortened(f"Three things:\n- **one**: {item}\n- two")
    assert shown == "Three things:\n\n- **one**: a point that takes a while to make.\n- two"


def test_line_that_begins_with_a_number_is_no_list():
    assert cutting.shortened("It turns into\n216. No error.") == "It turns into 216. No error."


def test_blocks_keep_formulas_code_and_answers_whole():
    text = "Text.\n\n$$\na\n\nb\n$$\n\n```python\nx\n\ny\n```\n<details><summary>Answer</summary>\n\nYes.\n\n</details>"
    assert [block[:3] for block in cutting.blocks_of(text)] == ["Tex", "$$\n", "```", "<de"]


@pytest.mark.parametrize(
    ("source", "draws"),
    [
        ("figure, axis = plt.subplots()\naxis.plot(x)", True),
        ("def draw_box(axis):\n    pass", True),
        ("loss = train()\nprint(loss)\nplots.learning_curves(loss)", False),
        ("x = 1", False),
    ],
)
def test_only_code_that_draws_is_kept_from_the_slides(source, draws):
    assert cutting.only_draws(source) is draws


def test_code_that_only_checks_goes_into_the_notes():
    (item,) = cutting.code_items(nbformat.v4.new_code_cell("assert 1 == 1"))
    assert (item.kind, item.notes) == ("notes", "```python\nassert 1 == 1\n```")


def lines(count):
    return cutting.Item("text", 41 * count, nbformat.v4.new_markdown_cell("x"))


def test_full_slide_is_continued_on_another_with_the_same_title():
    deck = deck_of.Deck()
    deck.open("slide", "A title")
    for _ in range(4):
        deck.put([lines(6)])
    kinds = [cell.metadata.slideshow.slide_type for cell in deck.cells]
    assert kinds == ["slide", "-", "-", "subslide", "-", "-"]
    assert "A title" in deck.cells[3].source


def test_figure_shrinks_to_make_room_for_what_to_notice_but_not_too_far():
    def shown(notice_height):
        deck = deck_of.Deck()
        deck.open("slide", "A title")
        figure = cutting.Item("figure", cutting.ROOM, nbformat.v4.new_code_cell(""))
        notice = cutting.Item("notice", notice_height, nbformat.v4.new_markdown_cell("**What to notice.** …"))
        deck.put([figure, notice])
        return figure, [cell.metadata.slideshow.slide_type for cell in deck.cells]

    figure, kinds = shown(100)
    assert kinds == ["slide", "-", "-"]
    assert cutting.SMALLEST_FIGURE <= figure.height == cutting.ROOM - 100
    figure, kinds = shown(cutting.ROOM - cutting.SMALLEST_FIGURE + 1)
    assert kinds == ["slide", "-", "subslide", "-"]
    assert figure.height >= cutting.SMALLEST_FIGURE


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda p: p.source.stem)
def test_deck_begins_with_the_title_and_has_the_length_of_a_class(lesson):
    notebook = nbformat.read(lesson.notebook, 4)
    deck = deck_of.presentation(notebook)
    assert deck.cells[0].source.startswith("# ")
    assert "badge" not in "".join(cell.source for cell in deck.cells)
    numbers = [cell for cell in deck.cells if cell.metadata.slideshow.slide_type in ("slide", "subslide")]
    assert 45 <= len(numbers) <= 70  # as site/instructors.md says


def test_page_asks_for_nothing():
    lesson = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# 99 · Title\n\n**What you will do:** x.")]
    )
    page = slides.page(deck_of.presentation(lesson))
    assert "<title>99 · Title · slides</title>" in page
    head = page[: page.index("<script>")]
    assert "src=" not in head
    assert "<link" not in head


def test_a_page_carries_its_pictures_and_the_speaker_s_notes():
    figure = nbformat.v4.new_code_cell("x = 1\ny = f(x)", outputs=[small_course.figure_output()])
    reason = "It is a reason that the speaker gives at length, with all that belongs to it. " * 9
    text = nbformat.v4.new_markdown_cell(f"## Section\n\nA point that is shown. {reason}")
    for cell in (figure, text):
        cell.metadata["slideshow"] = {"slide_type": "-"}
    title = nbformat.v4.new_markdown_cell("# 99 · Title\n\nText.")
    page = slides.page(deck_of.presentation(nbformat.v4.new_notebook(cells=[title, text, figure])))
    assert f"data:image/png;base64,{small_course.png()[:20]}" in page
    assert 'alt="A line that rises to one."' in page
    assert '<aside class="notes">' in page
    assert (build.ROOT / "tools/templates/slides/slides.css").read_text(encoding="utf-8")[:200] in page


def test_an_asset_cannot_end_the_script_it_stands_in(monkeypatch, tmp_path):
    (tmp_path / "a.js").write_text('write("</script>")')
    monkeypatch.setattr(slides, "package_folder", lambda _package: tmp_path)
    assert slides.asset("some-package", "a.js") == r'write("<\/script>")'
    with pytest.raises(ModuleNotFoundError, match="no_such_package is not installed"):
        monkeypatch.undo() or slides.package_folder("no_such_package")


@pytest.fixture
def course(tmp_path, monkeypatch):
    small_course.make(tmp_path, monkeypatch)
    monkeypatch.setattr(slides, "OUTPUT", tmp_path / "build/slides")
    monkeypatch.setattr(slides, "page", lambda notebook: notebook.metadata.title)
    return tmp_path


def test_each_lesson_gives_one_deck_and_labs_none(course, capsys):
    slides.main([])
    assert {path.name: path.read_text() for path in slides.OUTPUT.iterdir()} == {
        "91_one.html": "91 · One", "92_two.html": "92 · Two",
    }  # fmt: skip
    assert capsys.readouterr().out.startswith("build/slides/91_one.html ")


def test_one_deck_is_printed_or_presented(course, monkeypatch):
    done = []
    monkeypatch.setattr(
        slides, "print_pdf", lambda paths: done.append(("pdf", [path.name for path in paths]))
    )
    monkeypatch.setattr(
        slides, "present", lambda paths: done.append(("shown", [path.name for path in paths]))
    )
    slides.main(["pdf", "92"])
    slides.main(["present", "91"])
    assert done == [("pdf", ["92_two.html"]), ("shown", ["91_one.html"])]
    for arguments in (["present"], ["present", "99"], ["present", "91", "92"]):
        with pytest.raises(SystemExit, match="make present LESSON=03"):
            slides.main(arguments)
    assert len(done) == 2


def test_a_missing_browser_is_explained(monkeypatch):
    monkeypatch.setattr(slides.shutil, "which", {"google-chrome": "/opt/chrome"}.get)
    assert slides.chromium() == "/opt/chrome"
    monkeypatch.setattr(slides.shutil, "which", lambda _name: None)
    with pytest.raises(SystemExit, match="apt-get install chromium"):
        slides.chromium()


def test_glossary_words_become_links():
    terms = website.glossary_terms()
    assert len(terms) > 40
    assert len(terms) == len(set(terms)) == len({term.lower() for term in terms})
    assert terms == sorted(terms, key=str.lower)
    assert (
        website.link_terms("A **Stride** of 2, a **thing**.", terms)
        == "A {term}`Stride <stride>` of 2, a **thing**."
    )


def test_every_lesson_has_a_cover_with_a_description():
    for lesson in LESSONS:
        notebook = nbformat.read(lesson.notebook, 4)
        covers = [cell for cell in notebook.cells if "cover" in cell.metadata.get("tags", [])]
        ((_picture, alt),) = website.pictures(nbformat.v4.new_notebook(cells=covers))
        assert len(alt.split()) >= 4


def test_text_grows_into_free_room_and_leaves_the_notes_when_all_is_shown():
    sentence = "This is a sentence of sixty characters, more or less so, yes. "
    (item,) = cutting.text_items(sentence * 5)
    assert item.notes
    before = item.height
    assert item.extend(0, 1000) == 0
    assert item.notes
    taken = item.extend(500, 1000)
    assert item.height == before + taken
    assert cutting.same_words(item.cell.source, sentence * 5)
    assert item.notes == ""


def test_short_code_is_shown_larger_where_there_is_room():
    (item,) = cutting.code_items(nbformat.v4.new_code_cell("x = 1\ny = 2"))
    assert item.enlarge(2 * cutting.LARGER - 1) == 0
    assert item.enlarge(2 * cutting.LARGER) == 2 * cutting.LARGER
    (wide,) = cutting.code_items(nbformat.v4.new_code_cell(f"text = '{'x' * 90}'"))
    assert wide.enlarge(1000) == 0


def test_code_is_shown_without_its_checks_if_it_has_an_output():
    source = "x = 1\nassert x == 1\nif x:\n    assert x > 0\nprint(x)"
    assert cutting.without_checks(source) == "x = 1\nprint(x)"
    output = nbformat.v4.new_output("stream", name="stdout", text="1\n")
    shown = [
        item.cell.source for item in cutting.code_items(nbformat.v4.new_code_cell(source, outputs=[output]))
    ]
    assert shown[0] == "x = 1\nprint(x)"
