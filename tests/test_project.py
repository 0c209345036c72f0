"""Files that must agree with each other: dependencies, README, Makefile, results, licenses."""

import json
import re
import subprocess
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

# What Colab had installed in August 2026.
COLAB = {"python": "3.12", "tensorflow": "2.20.0", "keras": "3.13.2", "numpy": "2.1.3", "ipywidgets": "7.7.1"}


@pytest.fixture
def requirements(root):
    lines = (root / "requirements.txt").read_text().splitlines()
    return {r.name: r for r in (Requirement(line) for line in lines if line and not line.startswith("#"))}


@pytest.fixture
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_ranges_accept_colab(requirements, project):
    for name, version in COLAB.items():
        allowed = (
            SpecifierSet(project["requires-python"]) if name == "python" else requirements[name].specifier
        )
        assert version in allowed, name


def test_environment_yml_agrees(root, project):
    environment = yaml.safe_load((root / "environment.yml").read_text())
    packages = [item for item in environment["dependencies"] if isinstance(item, str)]
    (pip,) = (item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert pip == ["-r requirements.lock"]
    assert {re.split("[=<>]", package)[0] for package in packages} == {"python", "pip", "graphviz"}
    (python,) = (package.split("=")[1] for package in packages if package.startswith("python="))
    assert python in SpecifierSet(project["requires-python"])
    assert environment["name"] == project["name"]


def test_every_dependency_is_explained(root, requirements, project):
    table = (root / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Why each dependency")[1]
    extras = [Requirement(line).name for lines in project["optional-dependencies"].values() for line in lines]
    for name in [*requirements, "onnx", "pip", "setuptools", "uv", *extras]:
        assert re.search(rf"\b{name}\b", table), name


def test_readme_commands_exist_and_ci_runs_one_of_them(root):
    readme, makefile = ((root / name).read_text(encoding="utf-8") for name in ("README.md", "Makefile"))
    guides = ("README.md", "INSTALL.md", "CONTRIBUTING.md", "site/instructors.md")
    for text in ((root / name).read_text(encoding="utf-8") for name in guides):
        for target in re.findall(r"make ([a-z-]+)\b", " ".join(re.findall(r"`[^`]+`|```[^`]+```", text))):
            assert re.search(rf"^{target}:.*##", makefile, re.M), target
    assert re.search(r"^make test\b", readme, re.M)
    commands = (root / ".ci/run").read_text().splitlines()
    assert {"make test", "make lint", "make test-browser", "make test-colab"} <= set(commands)
    listed = subprocess.run(["make", "-s"], cwd=root, capture_output=True, text=True, check=True).stdout
    for target in ("lab", "test", "run", "notebooks", "lint", "bench", "clean"):
        assert f"make {target} " in listed


def test_windows_command_is_the_makefile_s(root):
    guide, makefile = ((root / name).read_text(encoding="utf-8") for name in ("INSTALL.md", "Makefile"))
    options = re.search(r"-m pytest (.* tests notebooks) \$\(ARGS\)", makefile)[1]
    assert f"-m pytest {options}" in guide


PAGES = ("README.md", "INSTALL.md", "CONTRIBUTING.md", "data/README.md", "notebooks/START_HERE.md")


def broken_links(page, text):
    """Return the targets of a page's links that are not there."""
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    return [target for target in targets if not (page.parent / target).exists()]


@pytest.mark.parametrize("name", PAGES)
def test_links_of_pages_lead_somewhere(root, name):
    page = root / name
    assert broken_links(page, page.read_text(encoding="utf-8")) == []


def test_a_broken_link_is_found(root):
    text = "[a](README.md) [b](notebooks/99_none.ipynb) [c](https://example.org)"
    assert broken_links(root / "README.md", text) == ["notebooks/99_none.ipynb"]


def test_links_between_notebooks_exist(root):
    for path in (root / "notebooks").rglob("*.ipynb"):
        if ".ipynb_checkpoints" in path.parts:
            continue
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        assert broken_links(path, text) == []


def test_versions_agree(root, project):
    import helpers

    citation = yaml.safe_load((root / "CITATION.cff").read_text())
    assert project["version"] == helpers.__version__ == citation["version"]
