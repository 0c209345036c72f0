"""Files that must agree with each other: dependencies, README, Makefile, results, licenses."""

import ast
import json
import re
import subprocess
import sys
import tomllib

import numpy as np
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tools import bootstrap

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
    assert pip == ["-r requirements.txt", "-e ."]
    assert {re.split("[=<>]", package)[0] for package in packages} == {"python", "pip", "graphviz"}
    (python,) = (package.split("=")[1] for package in packages if package.startswith("python="))
    assert python in SpecifierSet(project["requires-python"])
    assert environment["name"] == project["name"]


def test_lock_is_pinned_hashed_universal_and_complete(root, requirements, project):
    text = (root / "requirements.lock").read_text()
    assert not re.search(r"https?://|--index|--find-links|file:", text)
    blocks = re.split(r"\n(?=[a-zA-Z0-9])", text)
    pins = {}
    for block in blocks:
        match = re.match(r"([\w.-]+)==([\w.+!-]+)", block)
        assert match, block[:60]
        assert "--hash=sha256:" in block, match[1]
        pins[match[1].lower()] = match[2]
    wanted = [
        *requirements.values(),
        *(Requirement(line) for line in project["optional-dependencies"]["dev"]),
    ]
    for requirement in wanted:
        assert pins[requirement.name.lower()] in requirement.specifier, requirement
    for system in ("win32", "darwin"):
        assert f"sys_platform == '{system}'" in text


def test_every_dependency_is_explained(root, requirements, project):
    table = (root / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Why each dependency")[1]
    for name in [
        *requirements,
        *(Requirement(line).name for line in project["optional-dependencies"]["dev"]),
    ]:
        assert re.search(rf"\b{name}\b", table), name


def test_readme_commands_exist_and_ci_runs_one_of_them(root):
    readme, makefile = ((root / name).read_text(encoding="utf-8") for name in ("README.md", "Makefile"))
    guides = ("README.md", "INSTALL.md", "CONTRIBUTING.md", "site/instructors.md")
    for text in ((root / name).read_text(encoding="utf-8") for name in guides):
        for target in re.findall(r"make ([a-z-]+)\b", " ".join(re.findall(r"`[^`]+`|```[^`]+```", text))):
            assert re.search(rf"^{target}:.*##", makefile, re.M), target
    assert re.search(r"^make test\b", readme, re.M)
    commands = (root / ".ci/run").read_text().splitlines()
    assert {"make test", "make test-browser", "make test-colab"} <= set(commands)
    listed = subprocess.run(["make", "-s"], cwd=root, capture_output=True, text=True, check=True).stdout
    for target in ("lab", "test", "run", "notebooks", "lint", "bench", "clean"):
        assert f"make {target} " in listed


def test_windows_command_is_the_makefile_s(root):
    guide, makefile = ((root / name).read_text(encoding="utf-8") for name in ("INSTALL.md", "Makefile"))
    options = re.search(r"-m pytest (.* tests notebooks) \$\(ARGS\)", makefile)[1]
    assert f"-m pytest {options}" in guide


def test_readme_lists_every_lesson_and_links_exist(root):
    for page in ("README.md", "INSTALL.md", "CONTRIBUTING.md", "data/README.md", "notebooks/START_HERE.md"):
        text = (root / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert ((root / page).parent / target).exists(), target
    readme = (root / "README.md").read_text(encoding="utf-8")
    for source in (root / "sources/lessons").glob("*.py"):
        assert f"(notebooks/{source.stem}.ipynb)" in readme
        assert f"({source.stem}.ipynb)" in (root / "notebooks/START_HERE.md").read_text(encoding="utf-8")


def test_links_between_notebooks_exist(root):
    for path in (root / "notebooks").rglob("*.ipynb"):
        if ".ipynb_checkpoints" in path.parts:
            continue
        text = "".join(
            "".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        )
        for target in re.findall(r"\]\((?!https?:)([^)#\s]+\.ipynb)\)", text):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_readme_figures_are_the_measured_ones(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    rows = json.loads((root / "results/03_mnist_cnn.json").read_text(encoding="utf-8"))
    for recipe, words in (("plain", "plain recipe"), ("better", "with augmentation, dropout")):
        values = [100 * row["accuracy"] for row in rows if row["experiment"] == f"lesson 03, {recipe} recipe"]
        assert len(values) == 3
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        (line,) = (line for line in readme.splitlines() if words in line)
        assert f"{np.mean(values):.1f} % ± {error:.1f} %" in line
    assert {(row["test_size"], row["training_size"], row["precision"]) for row in rows} == {
        (1000, 4000, "float32")
    }
    assert np.mean([row["accuracy"] for row in rows if "better" in row["experiment"]]) >= 0.98
    speed = json.loads((root / "results/convolution_speed.json").read_text(encoding="utf-8"))
    assert f"{speed['rows'][0]['value']:.1f} times as fast as `scipy.signal.correlate2d`" in readme


def test_readme_figures_on_photographs_are_the_measured_ones(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    rows = json.loads((root / "results/cats_vs_dogs_photos.json").read_text(encoding="utf-8"))
    assert {(row["training_size"], row["test_size"]) for row in rows} == {(2000, 500)}
    means = {}
    for experiment, words in {
        "source": "source C's recipe as it stands",
        "tuned": "tuned recipe, from scratch",
        "tuned with augmentation": "tuned recipe with augmentation",
    }.items():
        values = [100 * row["accuracy"] for row in rows if row["experiment"] == experiment]
        means[experiment] = np.mean(values)
        (line,) = (line for line in readme.splitlines() if words in line)
        assert len(values) == 3
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        assert f"{means[experiment]:.1f} % ± {error:.1f} %" in line
    assert max(row["epochs"] for row in rows) <= 60
    assert means["tuned"] >= 70
    assert means["tuned with augmentation"] >= 82


def test_pretrained_and_precision_were_measured_on_photographs(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    rows = json.loads((root / "results/vgg16_photos.json").read_text(encoding="utf-8"))
    photographs = json.loads((root / "results/cats_vs_dogs_photos.json").read_text(encoding="utf-8"))
    scratch = max(row["accuracy"] for row in photographs)
    for experiment, goal in [
        ("VGG16, features", 0.973),
        ("VGG16, frozen with augmentation", 0.975),
        ("VGG16, fine-tuned", 0.978),
    ]:
        values = [row["accuracy"] for row in rows if row["experiment"] == experiment]
        assert np.mean(values) >= goal > scratch
        (line,) = (line for line in readme.splitlines() if f"lesson 06: {experiment} |" in line)
        assert means_text(values) in line
    slow, fast = json.loads((root / "results/vgg16_precision.json").read_text(encoding="utf-8"))
    assert (slow["precision"], fast["precision"]) == ("float32", "mixed_bfloat16")
    assert slow["data_sha256"] == fast["data_sha256"]
    assert fast["seconds"] <= slow["seconds"] / 4
    assert abs(fast["accuracy"] - slow["accuracy"]) <= 0.003


def test_signs_were_measured_on_photographs(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    rows = json.loads((root / "results/signs_photos.json").read_text(encoding="utf-8"))
    means = {}
    for experiment in ("the source's network", "improved"):
        values = [row["accuracy"] for row in rows if row["experiment"] == experiment]
        assert len(values) == 3
        means[experiment] = np.mean(values)
        (line,) = (
            line for line in readme.splitlines() if f"120 test photographs of hands: {experiment}" in line
        )
        assert means_text(values) in line
    assert {(row["training_size"], row["test_size"]) for row in rows} == {(1080, 120)}
    assert means["improved"] >= 0.975 - 1e-9  # 351 of 360


def means_text(values):
    """Return how the README writes the accuracies of three seeds."""
    assert len(values) == 3
    error = 100 * np.std(values, ddof=1) / np.sqrt(len(values))
    return f"{100 * np.mean(values):.1f} % ± {error:.1f} %"


def test_augmentation_was_measured_to_help_on_the_drawn_sample(root):
    rows = json.loads((root / "results/05_augmentation.json").read_text(encoding="utf-8"))
    without, augmented = (
        [row["accuracy"] for row in rows if row["experiment"].startswith(name)]
        for name in ("without", "with ")
    )
    assert len(without) == len(augmented) == 3
    noise = np.hypot(np.std(without, ddof=1), np.std(augmented, ddof=1)) / np.sqrt(3)
    assert np.mean(augmented) - np.mean(without) > 2 * noise


def test_recorded_networks_are_the_lessons(root):
    """The photographs were measured with the networks whose parameters lesson 04 asserts."""
    rows = json.loads((root / "results/cats_vs_dogs_photos.json").read_text(encoding="utf-8"))
    lesson = (root / "sources/lessons/04_cats_vs_dogs.py").read_text(encoding="utf-8")
    for name in ("source", "tuned"):
        (count,) = {row["parameters"] for row in rows if row["experiment"].startswith(name)}
        assert f"{count:_}" in lesson


def test_the_pipeline_was_measured_to_keep_up(root):
    rows = json.loads((root / "results/pipeline.json").read_text(encoding="utf-8"))
    shares = [row["waiting_share"] for row in rows if row["experiment"] == "cache" and row["epoch"] > 1]
    assert shares
    assert max(shares) <= 0.1
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert f"{100 * max(shares):.1f} % of an epoch" in readme


def test_measured_samples_are_the_ones_described(root):
    text = (root / "data/README.md").read_text(encoding="utf-8")
    rows = json.loads((root / "results/samples.json").read_text(encoding="utf-8"))
    for name in dict.fromkeys(row["set"] for row in rows):
        (line,) = (line for line in text.splitlines() if line.startswith(f"| `{name}`"))
        for experiment in dict.fromkeys(row["experiment"] for row in rows):
            values = [
                row["accuracy"] for row in rows if (row["set"], row["experiment"]) == (name, experiment)
            ]
            assert f"{100 * np.mean(values):.0f} %" in line, (name, experiment)


def test_measured_speeds_reach_their_goals(root):
    """The ledger, not a timing: `make bench` measures."""
    for row in json.loads((root / "results/convolution_speed.json").read_text(encoding="utf-8"))["rows"]:
        relation, goal = row["goal"].split()
        reached = {
            "<": row["value"] < float(goal),
            "<=": row["value"] <= float(goal),
            ">=": row["value"] >= float(goal),
        }
        assert reached[relation], row


def test_versions_agree(root, project):
    import helpers

    citation = yaml.safe_load((root / "CITATION.cff").read_text())
    assert project["version"] == helpers.__version__ == citation["version"]
    assert citation["repository-code"] == project["urls"]["Repository"]


def code_lines(path):
    """Return the number of lines that are neither blank nor comment nor docstring."""
    text = path.read_text(encoding="utf-8")
    described = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            described |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") and number not in described
        for number, line in enumerate(text.splitlines(), start=1)
    )


def test_the_package_stays_thin(root):
    assert sum(map(code_lines, (root / "helpers").glob("*.py"))) <= 1500


@pytest.mark.parametrize("version", [(3, 10), (3, 14), (2, 7)])
def test_unsupported_python_is_refused_clearly(version, capsys):
    with pytest.raises(SystemExit) as stop:
        bootstrap.check_python(version)
    assert stop.value.code == 2
    message = capsys.readouterr().err
    assert "needs Python 3.11 to 3.13" in message
    assert "PYTHON=python3.12" in message


def test_missing_venv_is_explained(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit):
        bootstrap.check_python((3, 11))
    assert "apt-get install python3-venv" in capsys.readouterr().err


def test_missing_python_is_explained(root):
    done = subprocess.run(
        ["make", "environment", "PYTHON=no-such-python"], cwd=root, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "Install Python 3.11 to 3.13" in done.stderr
