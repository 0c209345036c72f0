"""The hosted workflows: valid, audited, least permissions, time limits, no command that does not exist; and the page
"Last proven" that they make.

GitHub does not run here. What it would do with these files is read by zizmor, which knows the schema of a workflow and
the mistakes that let strangers in; the rest is compared with the repository.
"""

import copy
import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from tools import proven

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
TEST_ARGUMENTS = r"-m pytest (-n 2 [^\n]*? tests notebooks)"  # of the one command that `make test` runs


def load(path):
    """Return the workflow; YAML reads the key `on` as the truth value."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["on"] = content.pop(True)
    return content


def commands(workflow):
    """Return every shell command of the workflow, one text for each step."""
    return [
        step["run"] for job in workflow["jobs"].values() for step in job.get("steps", []) if "run" in step
    ]


# --- What can be wrong with a workflow ----------------------------------------------------------------------------


def problems(path):
    """Yield a sentence for everything in the workflow that does not fit this repository or its rules."""
    try:
        workflow = load(path)
    except (yaml.YAMLError, KeyError) as error:
        yield f"not a workflow: {error}"
        return
    yield from permission_problems(workflow)
    for name, job in workflow["jobs"].items():
        if "uses" not in job and not 0 < job.get("timeout-minutes", 0) <= 120:
            yield f"job {name} has no time limit"
    for line in path.read_text(encoding="utf-8").splitlines():
        used = re.search(r"uses: (\S+)", line)
        if used and not used[1].startswith("$/") and not PINNED.search(line):
            yield f"not pinned to a commit with its version in a comment: {used[1]}"
    for command in commands(workflow):
        yield from command_problems(command)


def permission_problems(workflow):
    """Yield a sentence for permissions that nobody asked for, or more than needed."""
    if "permissions" not in workflow:
        yield "no permissions for the workflow"
    for name, job in {"the workflow": workflow, **workflow["jobs"]}.items():
        granted = job.get("permissions", workflow.get("permissions", {}))
        if not isinstance(granted, dict):
            yield f"{name}: permissions must be listed one by one"
            continue
        if name != "the workflow" and not granted:
            yield f"{name}: no permissions, so it cannot read the repository"
        allowed = {"contents": "read", "actions": "read"}
        if "pages" in granted:
            allowed |= {"pages": "write", "id-token": "write"}
        for kind, level in granted.items():
            if allowed.get(kind) != level:
                yield f"{name}: does not need {kind}: {level}"


def command_problems(command):
    """Yield a sentence for every target, module or file that a command names and that does not exist."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][\w-]*):", makefile, flags=re.M))
    for words in re.findall(r"\bmake ((?:[a-z][\w-]* ?)+)", command):
        for target in words.split():
            if target not in targets:
                yield f"no target in the Makefile: {target}"
    for module in re.findall(r"-m (tools\.\w+)", command):
        if not (ROOT / f"{module.replace('.', '/')}.py").is_file():
            yield f"no module: {module}"
    for name in re.findall(r"(?:--requirement|bash) (\S+)", command):
        if not (ROOT / name).is_file():
            yield f"no file: {name}"


def zizmor(path):
    """Run the audit without a network; return its exit status and what it says."""
    program = shutil.which("zizmor", path=str(Path(sys.executable).parent))
    assert program, "zizmor belongs to the tools of the tests: install them again"
    command = [
        program,
        "--offline",
        "--no-config",
        "--strict-collection",
        "--color=never",
        "--no-progress",
        path,
    ]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_fits_the_repository(path):
    assert list(problems(path)) == []


def test_workflows_pass_the_audit():
    status, output = zizmor(FOLDER)
    assert status == 0, output


def test_three_workflows_are_there():
    assert [path.stem for path in WORKFLOWS] == ["pages", "pull-request", "weekly"]


# --- The checks can fail ------------------------------------------------------------------------------------------


def spoiled(name, tmp_path, old, new):
    """Return a copy of a workflow in which ``old`` has become ``new``."""
    text = (FOLDER / f"{name}.yml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / f"{name}.yml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("pull-request", "run: make test", "run: make tets", "no target in the Makefile: tets"),
        ("weekly", "run: make slides site", "run: make slides sight", "no target in the Makefile: sight"),
        ("weekly", "tools.proven record links", "tools.prove record links", "no module: tools.prove"),
        ("pages", "bash .github/fetch-proven", "bash .github/fetch", "no file: .github/fetch"),
        ("weekly", "locks/tests.lock", "locks/test.lock", "no file: locks/test.lock"),
        ("pull-request", "    timeout-minutes: 60\n", "", "job check has no time limit"),
        ("pull-request", "permissions:\n  contents: read\n", "", "no permissions for the workflow"),
        ("pull-request", "contents: read", "contents: write", "does not need contents: write"),
        ("weekly", "permissions: {} #", "permissions: write-all #", "must be listed one by one"),
        ("pages", "      actions: read #", "      actions: write #", "does not need actions: write"),
        ("weekly", "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "v7", "not pinned"),
        ("weekly", " # v7.0.1", "", "not pinned"),
        ("weekly", "jobs:\n", "jobs: [\n", "not a workflow"),
    ],
)  # fmt: skip
def test_each_fault_is_reported(name, old, new, words, tmp_path):
    path = spoiled(name, tmp_path, old, new)
    assert any(words in problem for problem in problems(path))


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("weekly", 'record "$NAME"', "record ${{ github.event.head_commit.message }}", "template-injection"),
        ("pull-request", "  pull_request:\n", "  pull_request_target:\n", "dangerous-triggers"),
        ("pull-request", "          persist-credentials: false\n", "          fetch-depth: 1\n", "artipacked"),
        ("pages", "@cd2ce8fcbc39b97be8ca5fce6e763baed58fa128 # v5.0.0", "@v5", "unpinned-uses"),
        ("pull-request", "permissions:\n  contents: read\n", "", "excessive-permissions"),
        ("pull-request", "    runs-on: ubuntu", "    run-on: ubuntu", '"runs-on" is a required property'),
    ],
)  # fmt: skip
def test_the_audit_sees_each_fault(name, old, new, words, tmp_path):
    status, output = zizmor(spoiled(name, tmp_path, old, new))
    assert status != 0
    assert words in output


# --- The weekly run does what its page says -----------------------------------------------------------------------


def weekly_jobs():
    return load(FOLDER / "weekly.yml")["jobs"]


def test_every_place_on_the_page_has_its_job_and_no_job_is_missing_there():
    jobs = weekly_jobs()
    matrix = jobs["tests"]["strategy"]["matrix"]
    names = {f"{system}-{versions}" for system in matrix["system"] for versions in matrix["versions"]}
    names |= {f"colab-{entry['runtime']}" for entry in jobs["colab"]["strategy"]["matrix"]["include"]}
    assert names | {"links"} == set(proven.PLACES)
    assert set(jobs["collect"]["needs"]) == {"tests", "colab", "links"}


def test_oldest_and_newest_versions_do_without_a_lock():
    steps = {
        step["if"]: step["run"] for step in weekly_jobs()["tests"]["steps"] if "run" in step and "if" in step
    }
    for versions in ("oldest", "newest"):
        command = steps[f"matrix.versions == '{versions}'"]
        assert "requirements.txt" in command
        assert ".lock" not in command
        assert ("--resolution lowest-direct" in command) == (versions == "oldest")
    assert "--require-hashes" in steps["matrix.versions == 'locked'"]


def test_the_weekly_run_executes_what_make_test_executes():
    (weekly,) = (command for command in commands(load(FOLDER / "weekly.yml")) if "pytest" in command)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(TEST_ARGUMENTS, weekly)[1] == re.search(TEST_ARGUMENTS, makefile)[1]


def test_failures_are_recorded_and_published():
    jobs = weekly_jobs()
    for name in ("tests", "colab", "links"):
        *_, recorded, uploaded = jobs[name]["steps"]
        assert "tools.proven record" in recorded["run"]
        assert recorded["if"] == uploaded["if"] == "always()"
        assert recorded["env"]["STATUS"] == "${{ job.status }}"
    assert "!cancelled()" in jobs["collect"]["if"]
    assert jobs["pages"]["uses"] == "$/.github/workflows/pages.yml"
    assert "workflow_call" in load(FOLDER / "pages.yml")["on"]


def test_pages_may_do_no_more_than_their_caller():
    granted = weekly_jobs()["pages"]["permissions"]
    asked = {
        kind for job in load(FOLDER / "pages.yml")["jobs"].values() for kind in job["permissions"].items()
    }
    assert asked == set(granted.items())


def test_colabs_python_is_the_one_that_each_list_names():
    for entry in weekly_jobs()["colab"]["strategy"]["matrix"]["include"]:
        text = (ROOT / "tests" / f"{entry['list']}.txt").read_text(encoding="utf-8")
        assert text.splitlines()[0] == f"# Python {entry['python']}"


@pytest.mark.parametrize("answer", ["7\n9\n", ""], ids=["two runs", "no run yet"])
@pytest.mark.skipif(sys.platform == "win32", reason="runs on Linux only, in the workflow, too")
def test_the_newest_run_that_left_something_is_fetched(tmp_path, answer):
    """A stand-in for GitHub's program: run 7 left nothing, run 9 did."""
    program = tmp_path / "gh"
    program.write_text(
        '#!/bin/sh\nif [ "$1" = api ]; then printf "%s" "$ANSWER"; exit; fi\n'
        '[ "$3" = 9 ] && for last; do :; done && echo "{}" > "$last/proven.json"\n'
    )
    program.chmod(0o755)
    settings = {"PATH": f"{tmp_path}:/usr/bin:/bin", "GITHUB_REPOSITORY": "somebody/course", "ANSWER": answer}
    command = ["bash", str(ROOT / ".github/fetch-proven"), str(tmp_path / "earlier")]
    done = subprocess.run(command, env=settings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "earlier" / "proven.json").is_file() == bool(answer)
    assert ("from run 9" if answer else "no weekly run") in done.stdout


# --- Records of runs ----------------------------------------------------------------------------------------------

JUNIT = """<testsuites><testsuite>
<testcase classname="tests.test_filters" name="test_sobel"/>
<testcase classname="notebooks.01_convolution_by_hand.ipynb" name="Cell 0"/>
<testcase classname="notebooks.03_mnist_cnn.ipynb" name="Cell 0"/>
<testcase classname="notebooks.03_mnist_cnn.ipynb" name="Cell 1">{fault}</testcase>
<testcase classname="notebooks.solutions.solution_02_sobel_filters.ipynb" name="Cell 0"/>
<testcase classname="tests.in_colab" name="test_lesson_runs[06]"/>
<testcase classname="tests.test_photos" name="test_link"><skipped message="no"/></testcase>
</testsuite></testsuites>"""


def a_run(name="linux-locked", date="2026-11-02T03:00:00+00:00", outcome="passed", **changes):
    """Return the record of a run, as the workflow would write it."""
    fields = {
        "name": name,
        "date": date,
        "system": "Ubuntu 24.04 LTS, x86_64",
        "python": "3.12.3",
        "versions": {"tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.4.6"},
        "lessons": {"01": "passed", "03": outcome},
        "tests": {"passed": 500, "failed": 0 if outcome == "passed" else 2, "skipped": 1},
        "outcome": outcome,
        "commit": "0123456789",
        "address": "https://github.com/somebody/course/actions/runs/7",
        "last_passed": date if outcome == "passed" else "",
    }
    return {**fields, **changes}


@pytest.fixture
def write(tmp_path):
    """Write records into a folder: ``write(one, another)`` returns the folder."""

    def write_records(*records):
        folder = tmp_path / "records"
        for number, record in enumerate(records):
            (folder / str(number)).mkdir(parents=True, exist_ok=True)
            (folder / str(number) / f"{record['name']}.json").write_text(json.dumps(record))
        return folder

    return write_records


def test_the_report_of_pytest_says_which_lessons_passed(tmp_path):
    report = tmp_path / "junit.xml"
    report.write_text(JUNIT.format(fault=""))
    assert proven.read_junit(report) == (
        {"passed": 6, "failed": 0, "skipped": 1},
        {"01": "passed", "03": "passed", "06": "passed"},
    )
    report.write_text(JUNIT.format(fault="<failure message='x'/>"))
    counts, lessons = proven.read_junit(report)
    assert (counts["failed"], lessons["03"]) == (1, "failed")
    report.write_text("<testsuites><testsuite>")  # broken off
    assert proven.read_junit(report) == ({"passed": 0, "failed": 0, "skipped": 0}, {})


@pytest.mark.parametrize(
    ("status", "passed", "failed", "expected"),
    [
        ("success", 5, 0, "passed"),
        ("success", 5, 1, "failed"),
        ("success", 0, 0, "failed"),  # nothing ran
        ("failure", 5, 0, "failed"),
        ("cancelled", 5, 0, "did not finish"),
    ],
)
def test_a_run_passed_only_if_tests_ran_and_none_failed(status, passed, failed, expected):
    assert proven.outcome(status, {"passed": passed, "failed": failed, "skipped": 0}) == expected
    assert proven.outcome("success", None) == "passed"


@pytest.fixture
def on_linux(monkeypatch, tmp_path):
    """Pretend that this is Linux, and write into a folder of the test."""
    monkeypatch.setattr(proven.platform, "system", lambda: "Linux")
    monkeypatch.setattr(proven, "RECORDS", tmp_path / "records")
    for name in ("GITHUB_SHA", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"):
        monkeypatch.delenv(name, raising=False)


def test_a_record_tells_what_really_ran(on_linux, tmp_path, monkeypatch):
    report = tmp_path / "junit.xml"
    report.write_text(JUNIT.format(fault=""))
    monkeypatch.setenv("GITHUB_SHA", "0123456789abcdef")
    (run,) = proven.read_runs(proven.record("linux-locked", report, None))
    found = {name: import_module(name).__version__ for name in ("keras", "numpy", "tensorflow")}
    assert run.versions == found  # whether TensorFlow comes as tensorflow or as tensorflow-cpu
    assert run.python == ".".join(map(str, sys.version_info[:3]))
    assert (run.outcome, run.commit, run.last_passed) == ("passed", "0123456789", run.date)


@pytest.mark.parametrize("packages", ["lib/python3.13/site-packages", "Lib/site-packages"])
def test_versions_are_those_of_the_environment_that_ran(packages, tmp_path):
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.13.15\n")
    for name, number in (("tensorflow_cpu", "2.20.0"), ("numpy", "2.1.3"), ("pytest", "8.0.0")):
        folder = tmp_path / packages / f"{name}-{number}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n")
    assert proven.installed(tmp_path) == {"tensorflow": "2.20.0", "numpy": "2.1.3"}
    assert proven.python_version(tmp_path) == "3.13.15"


def test_a_run_that_could_not_install_anything_is_recorded_as_failed(on_linux, tmp_path):
    (run,) = proven.read_runs(
        proven.record("linux-newest", tmp_path / "none.xml", tmp_path / "none", "failure")
    )
    assert (run.outcome, run.python, run.versions, run.last_passed) == ("failed", "", {}, "")
    assert "no environment" in proven.table([run])


@pytest.mark.parametrize(
    ("name", "words"), [("linux-lockd", "no known place"), ("macos-locked", "cannot be")]
)
def test_a_place_cannot_be_made_up(on_linux, name, words, tmp_path):
    with pytest.raises(SystemExit, match=words):
        proven.main(["record", name])
    assert not (tmp_path / "records").exists()


def test_records_are_merged_and_the_last_success_is_remembered(write, tmp_path):
    result = tmp_path / "proven.json"
    folder = write(a_run("macos-newest"), a_run(), a_run(date="2026-10-26T03:00:00+00:00", outcome="failed"))
    assert [run.name for run in proven.collect(folder, result)] == ["linux-locked", "macos-newest"]
    later = a_run(date="2026-11-09T03:00:00+00:00", outcome="failed", address="")
    runs = proven.collect(write(later), result)  # with what `result` holds
    assert [(run.name, run.outcome) for run in runs] == [
        ("linux-locked", "failed"),
        ("macos-newest", "passed"),
    ]
    assert runs[0].last_passed == "2026-11-02T03:00:00+00:00"
    assert json.loads(result.read_text()) == {"runs": [asdict(run) for run in runs]}
    assert proven.collect(tmp_path / "nothing", result) == runs


def test_an_empty_folder_writes_no_file(tmp_path):
    assert proven.collect(tmp_path, tmp_path / "proven.json") == []
    assert not (tmp_path / "proven.json").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", r"links\.json cannot be read as JSON"),
        ("[]", r"links\.json: a record must be an object"),
        ('{"runs": 7}', "'runs' is no list"),
        (json.dumps(a_run(extra=1)), "missing or unknown: extra"),
        (json.dumps({"name": "links"}), "missing or unknown: address"),
        (json.dumps(a_run("linux-lockd")), "unknown place or outcome: 'linux-lockd'"),
        (json.dumps(a_run(outcome="fine")), "unknown place or outcome"),
        (json.dumps(a_run(date="yesterday")), "'yesterday' is no date"),
        (json.dumps(a_run(date="2026-11-02T03:00:00")), "no time zone"),
        (json.dumps(a_run(versions=["2.21"])), "'versions' must map"),
        (json.dumps(a_run(tests={"passed": "all"})), "'tests' must map names to numbers"),
        (json.dumps(a_run(python=3.12)), "'python' must be a text"),
    ],
)
def test_a_broken_record_is_refused_and_nothing_is_written(text, words, write, tmp_path, monkeypatch):
    folder, result = write(a_run()), tmp_path / "proven.json"
    (folder / "links.json").write_text(text)
    monkeypatch.setattr(proven.collect, "__defaults__", (result,))
    with pytest.raises(SystemExit, match=words):
        proven.main(["collect", str(folder)])
    assert not result.exists()


# --- The page -----------------------------------------------------------------------------------------------------


def test_page_without_any_run_says_so(tmp_path):
    text = proven.page(tmp_path / "proven.json")
    assert "No run has been recorded yet." in text
    assert "Not yet run on:** Linux (oldest, locked, newest versions); macOS (oldest" in text
    assert "| --- |" not in text


def test_page_names_what_ran_and_what_never_has(write, tmp_path):
    result = tmp_path / "proven.json"
    proven.collect(write(a_run(), a_run("links", tests=None, lessons={})), result)
    text = proven.page(result)
    (line,) = (line for line in text.splitlines() if line.startswith("| Linux, locked versions"))
    assert "Python 3.12.3, TensorFlow 2.21.0, Keras 3.15.1, NumPy 2.4.6" in line
    assert "lessons 01, 03; 500 tests passed, 0 failed" in line
    assert "[passed](https://github.com/somebody/course/actions/runs/7) | 2026-11-02, `0123456789` |" in line
    assert "of **2026-11-02**" in text
    assert (
        "Not yet run on:** Linux (oldest, newest versions); macOS (oldest, locked, newest versions)" in text
    )
    assert "every link" in text
    assert "None of these machines is Colab itself" in text


def test_page_shows_failures_as_failures(write, tmp_path):
    result = tmp_path / "proven.json"
    new = "2026-11-09T03:00:00+00:00"
    proven.collect(
        write(
            a_run(),
            a_run(date=new, outcome="failed"),
            a_run("windows-oldest", outcome="failed", address=""),
            a_run("macos-oldest", outcome="did not finish", address="", tests=None, lessons={}),
        ),
        result,
    )
    text = proven.page(result)
    assert "lessons 01; lessons that failed: 03; 500 tests passed, 2 failed" in text
    assert "**[failed](https://github.com/somebody/course/actions/runs/7)**; last passed 2026-11-02" in text
    assert "| **failed**; never passed yet |" in text
    assert "| no tests | **did not finish**; never passed yet |" in text


def test_nothing_is_missing_once_every_place_has_run():
    assert proven.missing(set(proven.PLACES)) == "Every place on the list has been tried."


def test_a_record_cannot_break_the_table():
    run = proven.checked(a_run(system="a | b\n<script>"), "file")
    line = proven.table([copy.copy(run)]).splitlines()[-1]
    assert "a \\| b &lt;script>" in line
    assert len(re.findall(r"(?<!\\)\|", line)) == 6


def test_a_committed_list_of_runs_is_in_order():
    assert "# Last proven" in proven.page()
    if proven.RESULT.exists():
        assert proven.read_runs(proven.RESULT)
