"""The web pages in a real browser, and every link between them."""

import functools
import http.server
import re
import threading
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from tests import browser as tools
from tests import fourteenth
from tools import address, build, manifest, questions, website

PAGES = sorted(
    path.relative_to(website.TARGET)
    for path in website.TARGET.rglob("*.html")
    if not {"_static", "slides"} & set(path.parts)
)
SLIDES = sorted(path.relative_to(website.TARGET) for path in website.TARGET.glob("slides/*.html"))
TEXTS = [path for path in PAGES if path.name not in ("genindex.html", "search.html")]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments):
        pass


@pytest.fixture(scope="module")
def home():
    """The address of the site, served on this machine."""
    handler = functools.partial(Quiet, directory=str(website.TARGET))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def chromium():
    with tools.chromium() as browser:
        yield browser


def test_every_notebook_and_text_has_a_page():
    expected = {product.notebook.relative_to(build.ROOT).with_suffix(".html") for product in build.products()}
    names = {path.as_posix() for path in PAGES}
    assert {path.as_posix() for path in expected} <= names
    for name in ("index", "glossary", "results", "proven", "instructors", "data/README"):
        assert f"{name}.html" in names


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_page_is_whole_and_usable(path, chromium, home):
    visit = tools.Visit(chromium, home)
    page = visit.open(home + path.as_posix())
    page.evaluate(tools.TYPESET)
    raw = page.evaluate(
        "[...document.querySelectorAll('.math')].filter(e => !e.querySelector('mjx-container')).length"
    )
    assert raw == 0
    for_people = (
        "[...document.querySelectorAll('main img')].filter(i => !i.alt || !i.naturalWidth).map(i => i.src)"
    )
    assert page.evaluate(for_people) == []
    assert page.locator("main h1:visible").count() == 1
    assert tools.skipped_headings(page) == []
    assert tools.barriers(page) == []
    page.set_viewport_size({"width": 640, "height": 360})  # what a zoom of 200 % leaves
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visit.close()


@pytest.mark.parametrize("path", TEXTS[::4], ids=str)
def test_dark_mode_has_no_barriers(path, chromium, home):
    visit = tools.Visit(chromium, home)
    visit.page.emulate_media(color_scheme="dark")
    page = visit.open(home + path.as_posix())
    page.evaluate(tools.TYPESET)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert tools.barriers(page) == []
    visit.close()


def test_search_finds_a_word_and_leads_to_it(chromium, home):
    visit = tools.Visit(chromium, home)
    page = visit.open(home + "search.html?q=receptive")
    page.locator("ul.search li a").first.wait_for(timeout=20_000)
    links = page.evaluate("[...document.querySelectorAll('ul.search li a')].map(a => a.getAttribute('href'))")
    assert any("01_convolution_by_hand" in link for link in links)
    visit.close()


def test_code_can_be_copied_and_buttons_lead_somewhere(chromium, home):
    visit = tools.Visit(chromium, home)
    page = visit.open(home + "notebooks/03_mnist_cnn.html")
    assert page.locator("button.copybtn").count() > 20
    links = page.evaluate("[...document.querySelectorAll('.article-header-buttons a')].map(a => a.href)")
    outside = ("colab.research.google.com/github/", "mybinder.org/v2/gh/")
    for part in (".ipynb", *(outside if address.address() else ())):
        assert any(part in link and "03_mnist_cnn" in link for link in links), (part, links)
    if address.address() is None:
        assert all(link.startswith(home) for link in links), links
    visit.close()


@pytest.mark.parametrize("lesson", manifest.ready(), ids=lambda lesson: lesson.number)
def test_questions_are_answered_in_the_page_with_a_key_and_without_scripts(lesson, chromium, home):
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{home}notebooks/{lesson.stem}.html")
    for question in questions.of(lesson.number).values():
        verdicts = [f"{letter} is" for letter in questions.LETTERS[: len(question.option)]]
        words = max(re.split(r"[`*']", question.ask), key=len)  # as plain text; the page curls apostrophes
        start = page.locator("p", has_text=words).first
        answers = [
            start.locator(f"xpath=following-sibling::details[{n}]") for n in range(1, len(verdicts) + 1)
        ]
        for answer in answers:
            assert answer.locator("summary").is_visible()
            assert not answer.locator("p").is_visible()
        for answer, verdict, option in zip(answers, verdicts, question.option, strict=True):
            answer.locator("summary").focus()
            page.keyboard.press("Enter")
            assert answer.locator("p").is_visible()
            assert answer.inner_text().count(f"{verdict} {'right' if option.right else 'wrong'}.") == 1
    page.context.close()


def test_a_fourteenth_lesson_has_its_pages(root, tmp_path):
    course = fourteenth.copy_with_a_fourteenth_lesson(root, tmp_path / "course")
    fourteenth.run(course, "-m", "tools.slides", fourteenth.NUMBER)
    fourteenth.run(course, "-m", "tools.website")
    site = course / "build/site"
    start = (site / "index.html").read_text(encoding="utf-8")
    for page in (
        f"notebooks/{fourteenth.STEM}.html",
        f"notebooks/labs/lab_{fourteenth.STEM}.html",
        f"notebooks/solutions/solution_{fourteenth.STEM}.html",
        f"slides/{fourteenth.STEM}.html",
    ):
        assert (site / page).is_file(), page
        assert f'href="{page}' in start, page
    lab = (site / f"notebooks/labs/lab_{fourteenth.STEM}.html").read_text(encoding="utf-8")
    assert f"../{fourteenth.STEM}.html" in lab  # the page before the lab is its lesson


class Links(HTMLParser):
    """Collects what a page links to and what can be linked to in it."""

    def __init__(self):
        super().__init__()
        self.links, self.anchors = set(), set()

    def handle_starttag(self, _tag, attributes):
        values = dict(attributes)
        self.anchors |= {values[name] for name in ("id", "name") if values.get(name)}
        self.links |= {values[name] for name in ("href", "src") if values.get(name)}


def test_every_internal_link_and_anchor_leads_somewhere():
    parsed = {}
    for path in (website.TARGET / path for path in [*PAGES, *SLIDES]):
        parsed[path] = Links()
        parsed[path].feed(path.read_text(encoding="utf-8"))
    broken, checked = [], 0
    for path, found in parsed.items():
        for link in found.links:
            address = urlsplit(urljoin(path.as_uri(), link))
            if address.scheme != "file":
                continue
            checked += 1
            target = website.TARGET.__class__(unquote(address.path))
            target = target / "index.html" if target.is_dir() else target
            anchor = unquote(address.fragment)
            if not target.is_file():
                broken.append(f"{path.relative_to(website.TARGET)} → {link}")
            elif (
                anchor
                and target in parsed
                and "slides" not in target.parts
                and anchor not in parsed[target].anchors
            ):
                broken.append(f"{path.relative_to(website.TARGET)} → {link}: no such place")
    assert broken == []
    assert checked > 500
