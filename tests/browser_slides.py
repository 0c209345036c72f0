"""Each presentation in a real browser, as an instructor with no Wi-Fi sees it."""

import re
import subprocess
import sys

import nbformat
import pytest

from tests import browser as tools
from tools import build, slides
from tools import deck as deck_of

LESSONS = [product for product in build.products() if product.is_lesson]
MOST_WORDS = 130  # of prose on a slide
# The box that an element takes in the window, without what an ancestor cuts off.
MEASURE = """() => {
  const slide = Reveal.getCurrentSlide(), outside = [];
  for (const fragment of slide.querySelectorAll('.fragment')) fragment.classList.add('visible');
  for (const element of slide.querySelectorAll('*')) {
    if (element.closest('aside') || element.parentElement.closest('svg')) continue;
    const {left, top, right, bottom, width, height} = element.getBoundingClientRect();
    const fits = left > -0.5 && top > -0.5 && right < innerWidth + 0.5 && bottom < innerHeight + 0.5;
    if (width && height && !fits) outside.push(`${element.tagName} ${Math.round(right)}×${Math.round(bottom)}`);
    if (element.matches('pre, .page') && element.scrollWidth > element.clientWidth + 1)
      outside.push('cut: ' + element.innerText.slice(0, 60));
  }
  const shown = [...slide.querySelectorAll('p, li, td')].filter(element => !element.closest('aside'));
  const prose = shown.map(element => element.innerText).join(' ');
  const words = shown.filter(element => !element.closest('.fragment')).map(element => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll('mjx-container').forEach(formula => formula.replaceWith(' formula '));
    return copy.textContent;
  }).join(' ').trim().split(/\\s+/).length;
  return {
    outside, words, maths: prose.match(/\\$[^$ ]+\\$|\\\\[a-z]{3,}/),
    last: Reveal.isLastSlide(), number: Reveal.getSlidePastCount() + 1
  };
}"""


@pytest.fixture(scope="module")
def chromium():
    with tools.chromium() as browser:
        yield browser


@pytest.fixture
def deck(chromium, request):
    """The opened presentation of a lesson, and its path."""
    path = slides.OUTPUT / f"{request.param.source.stem}.html"
    visit = tools.Visit(chromium, "file:")
    visit.open(path).wait_for_selector("html[data-ready]")
    yield visit, path, request.param
    visit.close()


every_lesson = pytest.mark.parametrize("deck", LESSONS, indirect=True, ids=lambda p: p.source.stem)
one_lesson = pytest.mark.parametrize("deck", LESSONS[:1], indirect=True, ids=lambda p: p.source.stem)


@every_lesson
def test_every_slide_fits_and_is_no_wall_of_text(deck):
    visit, _path, _lesson = deck
    total, seen, problems = visit.page.evaluate("Reveal.getTotalSlides()"), 0, []
    while True:
        found = visit.page.evaluate(MEASURE)
        seen += 1
        problems += [f"slide {found['number']}: {text}" for text in found["outside"]]
        if found["words"] > MOST_WORDS:
            problems.append(f"slide {found['number']}: {found['words']} words")
        if found["maths"]:
            problems.append(f"slide {found['number']}: maths not typeset: {found['maths']}")
        if found["last"]:
            break
        visit.page.evaluate("while (Reveal.availableFragments().next) Reveal.nextFragment(); Reveal.next()")
    assert problems == []
    assert seen == total


@every_lesson
def test_nothing_of_the_lesson_is_lost(deck):
    """Every figure is on a slide, described; every word of the sections is on a slide or in the notes."""
    visit, _path, lesson = deck
    notebook = nbformat.read(lesson.notebook, 4)
    figures = [o for c in notebook.cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})]
    shown = visit.page.evaluate(
        "[...document.querySelectorAll('.slides img')].map(i => [i.alt, i.naturalWidth])"
    )
    assert len(shown) == len(figures) >= 8
    assert all(len(alt.split()) >= 4 and width for alt, width in shown)
    words = set(re.findall(r"\w{4,}", visit.page.evaluate("document.querySelector('.slides').textContent")))
    sections = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    sections = sections[sections.index("\n## ") :]
    prose = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|\]\([^)]*\)|<[^>]*>", " ", sections, flags=re.S)
    missing = set(re.findall(r"\w{4,}", prose)) - words
    assert missing <= {"Answer", "Check", "prediction"}, missing  # what a folded answer is called


@one_lesson
def test_keys(deck):
    visit, _path, _lesson = deck
    page = visit.page
    place = "Object.values(Reveal.getIndices()).slice(0, 2)"
    page.evaluate("Reveal.slide(2, 0)")  # the first section
    page.keyboard.press("ArrowDown")
    assert page.evaluate(place) == [2, 1]
    page.keyboard.press("ArrowRight")
    assert page.evaluate(place) == [3, 0]
    page.keyboard.press("Space")
    assert page.evaluate(place) == [3, 1]
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(place) == [2, 1]
    page.keyboard.press("o")
    assert page.evaluate("Reveal.isOverview()")
    page.keyboard.press("Escape")
    assert not page.evaluate("Reveal.isOverview()")


@one_lesson
def test_speaker_sees_the_whole_text(deck):
    visit, _path, _lesson = deck
    visit.page.evaluate("Reveal.slide(2, 0)")
    with visit.page.expect_popup() as popup:
        visit.page.keyboard.press("s")
    notes = popup.value.locator(".speaker-controls-notes .value")
    notes.wait_for(state="visible", timeout=20_000)
    assert len(notes.inner_text().split()) > 10


@every_lesson
def test_printed_version_has_a_page_for_each_slide_and_no_barriers(deck):
    visit, path, _lesson = deck
    total = visit.page.evaluate("Reveal.getTotalSlides()")
    visit.page.goto(path.as_uri() + "?print-pdf")
    visit.page.wait_for_selector("html[data-ready]")
    visit.page.wait_for_function(slides.ALL_PAGES)
    assert visit.page.locator(".pdf-page").count() == total
    assert tools.barriers(visit.page) == []
    assert tools.skipped_headings(visit.page) == []


def test_pdf():
    lesson = LESSONS[1]
    command = [sys.executable, "-m", "tools.slides", "pdf", lesson.source.stem[:2]]
    subprocess.run(command, cwd=build.ROOT, check=True, capture_output=True)
    content = (slides.OUTPUT / f"{lesson.source.stem}.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    pages = len(re.findall(rb"/Type\s*/Page\b", content))
    assert pages == sum(
        cell.metadata.slideshow.slide_type in ("slide", "subslide")
        for cell in deck_of.presentation(nbformat.read(lesson.notebook, 4)).cells
    )
