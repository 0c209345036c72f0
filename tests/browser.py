"""A real browser for the tests in tests/browser_*.py: asks nobody outside, and remembers what went wrong."""

from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tools import slides

# Resolves once every formula of the page is set.
TYPESET = "window.MathJax?.startup?.promise"


@contextmanager
def chromium():
    """Give a running browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=slides.chromium(), args=slides.BROWSER_FLAGS)
        yield browser
        browser.close()


class Visit:
    """One page with all that it asked of others and all that went wrong on it."""

    def __init__(self, browser: Browser, home: str, width: int = 1280, height: int = 720, scale: float = 1):
        self.home, self.outside, self.errors = home, [], []
        context = browser.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=scale, reduced_motion="reduce"
        )
        context.route("**/*", self._answer)
        self.page: Page = context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _answer(self, route) -> None:
        url = route.request.url
        if url.startswith((self.home, "data:", "blob:", "about:")):
            route.continue_()
        else:
            self.outside.append(url)
            route.abort()

    def _note(self, message) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def open(self, address: str | Path) -> Page:
        """Open a page."""
        self.page.goto(address.as_uri() if isinstance(address, Path) else address)
        return self.page

    def close(self) -> None:
        """Close the page, and require that it kept to itself and that nothing went wrong on it."""
        self.page.context.close()
        problems = [f"asked {url}" for url in self.outside] + self.errors
        assert not problems, problems


def barriers(page: Page) -> list[str]:
    """Return what keeps people from using the page, as far as axe-core finds it serious."""
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in Axe().run(page, options={"preload": False}).response["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def skipped_headings(page: Page) -> list[str]:
    """Return the headings that come more than one level below the one before."""
    headings = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter(h => h.checkVisibility())"
        ".map(h => [Number(h.tagName[1]), h.innerText])"
    )
    levels = [0] + [level for level, _text in headings]
    return [text for before, (level, text) in zip(levels, headings, strict=False) if level > before + 1]
