"""JupyterLab as `make lab` and `make edit` open it, in a real browser, and lessons run to the last cell."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from tests import browser as tools
from tools import build, lab

BADGES = ("https://colab.research.google.com/assets/colab-badge.svg", "https://mybinder.org/badge_logo.svg")
RISE = ".jp-NotebookPanel-toolbar [data-jp-item-name='RISE-button']"
RUN_ALL = """async () => {
  const widget = window.jupyterapp.shell.currentWidget;
  await widget.context.ready;
  await widget.sessionContext.ready;
  await window.jupyterapp.commands.execute('notebook:run-all-cells');
  return widget.content.model.toJSON().cells;
}"""


@contextlib.contextmanager
def jupyterlab(command, folder):
    """Give the address of a JupyterLab that `make lab` or `make edit` has opened, on a copy of the notebooks."""
    shutil.copytree(build.ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns("files"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lab.write_settings(folder)  # as after the installation, whatever the user has opened since
    bootstrap = [sys.executable, str(build.ROOT / "tools/bootstrap.py")]
    subprocess.run([*bootstrap, "student" if command == "lab" else "tests"], check=True)  # may take minutes
    start = [*bootstrap, command, "--no-browser", "--allow-root", "--expose-app-in-browser", f"--port={port}",
             "--ServerApp.port_retries=0", "--IdentityProvider.token=",
             f"--ServerApp.root_dir={folder / 'notebooks' if command == 'lab' else folder}"]  # fmt: skip
    variables = {
        "COURSE_BUDGET": "reduced",
        "COURSE_DATA": "builtin",
        "JUPYTERLAB_WORKSPACES_DIR": str(lab.workspaces(folder)),
    }
    with open(folder / "log.txt", "w") as log:
        server = subprocess.Popen(start, stdout=log, stderr=log, env={**os.environ, **variables})
    address = f"http://127.0.0.1:{port}/"
    try:
        for _attempt in range(120):
            try:
                urllib.request.urlopen(address + "api/status", timeout=2)
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The address of JupyterLab for students, in their own environment."""
    with jupyterlab("lab", tmp_path_factory.mktemp("lab")) as address:
        yield address


@pytest.fixture
def visit(home):
    with tools.chromium() as browser:
        visit = tools.Visit(browser, home, width=1400, height=900)
        visit.page.set_default_timeout(90_000)
        yield visit
        visit.page.context.close()
    assert set(visit.outside) <= set(BADGES)
    problems = [error for error in visit.errors if not any(badge in error for badge in BADGES)]
    assert not problems, problems


@pytest.mark.parametrize("title", ["01 · Convolution by hand", "03 · A CNN for handwritten digits"])
def test_from_the_start_page_to_the_last_cell(home, visit, title):
    page = visit.open(home)
    page.locator(".jp-MarkdownViewer h1", has_text="Start here").wait_for()
    page.locator(".jp-TableOfContents-tree .jp-tocItem").first.wait_for()
    assert page.locator(".jp-toast, .Toastify__toast, .jp-Dialog").count() == 0
    page.locator(".jp-MarkdownViewer a", has_text=title).click()
    path = "window.jupyterapp.shell.currentWidget?.context?.path"
    page.wait_for_function(f"{path}?.startsWith('{title[:2]}') && {path}.endsWith('.ipynb')")
    page.wait_for_function("window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel")
    assert page.locator(RISE).count() == 0  # for authors
    cells = page.evaluate(RUN_ALL)
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert [output for output in outputs if output["output_type"] == "error"] == []
    assert [output for output in outputs if output.get("name") == "stderr"] == []
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 8


def test_authors_can_present_a_lesson_and_its_source_follows(tmp_path):
    shutil.copy(build.ROOT / "pyproject.toml", tmp_path)  # says what is paired
    with jupyterlab("edit", tmp_path) as address, tools.chromium() as browser:
        page = tools.Visit(browser, address).open(f"{address}lab/tree/notebooks/01_convolution_by_hand.ipynb")
        page.locator(RISE).wait_for(timeout=90_000)
        page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        page.wait_for_timeout(2000)
    source = "sources/lessons/01_convolution_by_hand.py"
    text = (tmp_path / source).read_text(encoding="utf-8")
    assert text.startswith((build.ROOT / source).read_text(encoding="utf-8")[:200])
