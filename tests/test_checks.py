"""Every self-check accepts right answers and rejects wrong ones with a fitting hint.

What an exercise is, which answers are right, and which mistakes are likely stands in the labs' own records.
"""

import copy
import functools
import importlib
import pkgutil
import random
import re
import subprocess
import sys
import types
from pathlib import Path

import jupytext
import numpy as np
import pytest
from ipykernel.compiler import XCachingCompiler

from helpers import checks, course
from helpers.checks import compare, engine, messages
from helpers.checks.engine import Exercise

with course.quiet():
    import keras

SOURCES = Path(__file__).resolve().parent.parent / "sources/labs"
LABS = {
    module.name[-2:]: importlib.import_module(f"helpers.checks.{module.name}")
    for module in pkgutil.iter_modules(checks.__path__)
    if re.fullmatch(r"lab_\d\d", module.name)
}
EVERY = [
    pytest.param(lab, exercise, id=f"{lab}-{exercise.name}")
    for lab, module in LABS.items()
    for exercise in module.EXERCISES
]
MODELS = [parameter for parameter in EVERY if parameter.values[1].judge]
every_exercise = pytest.mark.parametrize(("lab", "exercise"), EVERY)


@functools.cache
def cells(lab):
    """Return the cells of a lab's source."""
    (source,) = SOURCES.glob(f"{lab}_*.py")
    return jupytext.read(source).cells


@functools.cache
def solutions(lab):
    """Run the imports and definitions of a lab's source, once, and return the namespace with its solutions."""
    code = [
        cell.source
        for cell in cells(lab)
        if cell.cell_type == "code" and "setup" not in cell.metadata.get("tags", [])
    ]
    namespace = {}
    for text in code:
        if text.startswith(("import", "def")) or "from helpers" in text:
            exec(re.sub(r"course.start\(.*\)", "", text), namespace)
    return namespace


def stub(*_arguments):
    raise NotImplementedError()


# The records and the labs


def test_every_lab_has_its_checks():
    assert set(LABS) == {path.name[:2] for path in SOURCES.glob("*.py")}
    assert len(EVERY) >= 4 * len(LABS)


@pytest.mark.parametrize("lab", LABS)
def test_a_lab_asks_for_exactly_its_exercises(lab):
    sources = [
        cell.source for cell in cells(lab)
        if cell.metadata.get("nbgrader", {}).get("grade_id") != "experiment"  # it has no check
    ]  # fmt: skip
    defined = [re.match(r"def (\w+)", text)[1] for text in sources if "### BEGIN SOLUTION" in text]
    checked = [
        re.search(r"checks\.(\w+)\((\w+)\)", text).groups() for text in sources if "### BEGIN HIDDEN" in text
    ]
    headings = [match.groups() for text in sources if (match := re.match(r"## Exercise (\d+) · (.+)", text))]
    exercises = LABS[lab].EXERCISES
    assert defined == [exercise.name for exercise in exercises]
    assert checked == [(name, name) for name in defined]
    assert headings == [(str(exercise.number), exercise.title) for exercise in exercises]
    assert [exercise.number for exercise in exercises] == list(range(1, len(exercises) + 1))
    assert all(getattr(LABS[lab], exercise.name) is exercise for exercise in exercises)
    score = sources.index("checks.score()")
    assert score > max(place for place, text in enumerate(sources) if "### BEGIN HIDDEN" in text)
    assert cells(lab)[-1].cell_type == "markdown"  # where to go from here


def test_importing_checks_loads_nothing_large():
    names = ", ".join(f"lab_{lab}" for lab in LABS)
    loaded = "{'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)"
    code = f"import sys; from helpers.checks import {names}; print({loaded})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=SOURCES.parent.parent, check=True
    )
    assert done.stdout == "set()\n"


# Right and wrong answers


@every_exercise
def test_right_answers_pass(lab, exercise, capsys):
    right = {"the lab's": solutions(lab)[exercise.name], "the record's": exercise.solution, **exercise.right}
    for kind, function in right.items():
        result = exercise(function)
        assert result.passed, f"{kind}: {result.message}"
        assert capsys.readouterr().out == f"✔ Exercise {exercise.number}: correct, well done.\n"


@every_exercise
def test_wrong_answers_fail_each_with_its_own_message(lab, exercise, capsys):
    wrong = {"stub": stub, **exercise.wrong_answers()}
    found = {}
    for kind, function in wrong.items():
        result = exercise(function)
        assert not result.passed, f"{kind} is accepted"
        assert capsys.readouterr().out == f"✘ {result.message}\n"
        found[kind] = result.message
    assert found["stub"] == f"Exercise {exercise.number}: {messages.NOT_DONE}"
    assert re.search("zero|none|False", found["zeros"])
    assert {"transpose", "off by one", "one larger"} <= set(found)
    kinds = ("stub", "zeros", "transpose", "off by one")
    assert len({found[kind] for kind in kinds}) == len(kinds), found


@every_exercise
def test_likely_mistakes_get_their_hint(lab, exercise):
    assert len(exercise.mistakes) >= 3
    for hint, mistaken in exercise.likely_mistakes():
        result = exercise(mistaken)
        assert not result.passed, f"the mistake '{hint}' passes"
        first = result.message.splitlines()[0].removeprefix(f"Exercise {exercise.number}: ")
        assert hint in first if exercise.judge else hint == first


@every_exercise
def test_odd_answers_do_not_stop_the_page(lab, exercise):
    assert "ZeroDivisionError: division by zero" in exercise(lambda *_arguments: 1 / 0).message
    for answer in ("text", [[1, 2], [3]], [], {}, object(), np.array(np.nan), (1, 2, 3), 1j, keras):
        said = exercise(lambda *_arguments, answer=answer: answer)
        assert not said.passed
        assert not exercise.judge or hasattr(answer, "layers") or "return a Keras model, not" in said.message
    assert "returns None" in exercise(lambda *_arguments: None).message
    assert not exercise(lambda: None if exercise.number > 1 else 0).passed  # another number of arguments


@every_exercise
def test_a_function_may_spoil_its_arguments(lab, exercise):
    def spoil(*arguments):
        answer = exercise.solution(*arguments)
        if not exercise.judge:
            answer = copy.deepcopy(answer)  # it may be a view of an argument
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                argument[...] = 0
            elif isinstance(argument, list):
                argument.clear()
        return answer

    assert exercise(spoil)
    assert exercise(exercise.solution)


@pytest.mark.parametrize(("lab", "exercise"), MODELS)
def test_a_check_leaves_the_model_as_it_is(lab, exercise):
    kept = []

    def remembered(*arguments):
        model = solutions(lab)[exercise.name](*arguments)
        kept.append((model, state(model)))
        return model

    def state(model):
        weights = [keras.ops.convert_to_numpy(weights).tolist() for weights in model.weights]
        return weights, [layer.trainable for layer in model.layers], model.trainable

    random_state = random.getstate()
    assert exercise(remembered)
    assert random.getstate() == random_state  # so that weights drawn later do not depend on checks
    assert kept
    for model, before in kept:
        assert state(model) == before


# Answers and what is said of them

ROW = np.array([[0.5, -3, 2, 7], [4, 1, -6, 2.25], [9, -8, 3, 5]])


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (None, 1, "returns None"),
        (ROW, (ROW, ROW), "return 2 arrays"),
        ((ROW, ROW, ROW), (ROW, ROW), "return 2 arrays"),
        (5, (ROW, ROW), "return 2 arrays"),
        ((ROW, -ROW), (ROW, ROW), "result 2: every sign is wrong"),
        ([[1, 2], [3]], ROW, "different lengths"),
        ("five", 5, "made of numbers, not str"),
        ([], 5, "return one number"),
        (np.array([], object), ROW, "made of numbers, not nothing"),
        (ROW, ROW > 0, "return True and False"),
        (ROW > 0, ROW, "return numbers, not True and False"),
        ([5], 5, "return one number"),
        ([1, 2, 3], (1, 2), r"3 value\(s\) instead of 2"),
        (ROW[0], ROW, r"1 dimension\(s\) instead of 2"),
        (ROW[0, :2], ROW[0], r"2 value\(s\) instead of 4"),
        (np.zeros((4, 3)), ROW, "is transposed"),
        (np.zeros((3, 5)), ROW, r"shape \(3, 5\) is off by one"),
        (np.zeros((3, 6)), ROW, r"shape \(3, 6\) is wrong"),
        (np.where(ROW == 7, np.nan, ROW), ROW, "holds NaN"),
        (0 * ROW, ROW, "everything is zero"),
        (ROW[:, :3].T, ROW[:, :3], "the answer is transposed"),
        (ROW[::-1, ::-1], ROW, "reverse order"),
        ([1, 2, 3], [3, 2, 1], "reverse order"),
        (-5, 5, "the sign is wrong"),
        (6, 5, "the number is off by one"),
        (4, 5, "the number is off by one"),
        (-ROW, ROW, "every sign is wrong"),
        (ROW + 1, ROW, "every value is off by one"),
        (ROW - 1, ROW, "every value is off by one"),
        (np.roll(ROW, 1, 1), ROW, "one place too far"),
        (np.roll(ROW, -1, 0), ROW, "one place too far"),
        ([9, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 9], "one place too far"),
        ([9, 1, 2], [1, 2, 9], "not in the right places"),  # three numbers are no window
        (np.abs(ROW), ROW, "the signs are lost"),
        (np.maximum(ROW, 0), ROW, "negative values have become zero"),
        (ROW.astype(int), ROW, "fractions are lost"),
        (np.round(ROW + 0.4), ROW + 0.4, "fractions are lost"),
        ((ROW + 0.4).astype(int), ROW + 0.4, "fractions are lost"),
        (ROW * 2.5, ROW, "one and the same factor"),
        ([2, 4, 10], [1, 2, 5], "one and the same factor"),
        ([4, 7, 9], [2, 5, 7], "one and the same amount"),
        ([[1], [5], [2], [8], [0], [3]], [[4], [4], [7], [1], [9], [9]], "none of the 6 values is right"),
        (ROW + 2.5, ROW, "one and the same amount"),
        ([5, 5, 5], [2, 2, 2], "none of the 3 values is right"),
        ([4, 10], [2, 5], "none of the 2 values is right"),
        ([4, 7], [2, 5], "none of the 2 values is right"),
        (np.sort(ROW), ROW, "not in the right places"),
        (17, 5, "the number is wrong"),
        (ROW**3 + 60, ROW, "none of the 12 values is right"),
        (np.where(ROW == 7, 2, ROW), ROW, r"1 of 12 values is wrong; the first is at \(0, 3\)"),
        (np.where(ROW > 4, 77, ROW), ROW, r"3 of 12 values are wrong; the first is at \(0, 3\)"),
        (np.inf, 5, "the number is wrong"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(answer, expected, words):
    assert re.search(words, compare.difference(answer, expected, 1e-6))


def test_tolerance_grows_with_the_answer():
    for size, error, same in [(1e9, 900, True), (1e9, 1100, False), (1, 9e-7, True), (1, 2e-6, False),
                              (1e-3, 9e-7, True), (1e-3, 2e-6, False)]:  # fmt: skip
        assert (compare.difference(size + error, size, 1e-6) is None) == same
        assert (compare.difference([0, size + error], [0, size], 1e-6) is None) == same
    assert compare.difference([1e300, np.inf], [1e300, np.inf], 1e-6) is None
    assert compare.difference(
        [5.0, np.inf], [1.0, np.inf], 1e-6
    )  # an infinite value allows nothing for the others


def toy(**settings):
    """An exercise that asks for twice its argument."""
    return Exercise(7, "double", "Double", lambda x: 2 * x, [(1,), (3,), (5,)], **settings)


def test_the_tolerance_of_an_exercise():
    assert toy()(lambda x: 2 * x + 1e-6)
    assert not toy()(lambda x: 2 * x + 1.1e-5)
    assert toy(tolerance=1e-3)(lambda x: 2 * x + 1e-3)
    assert not toy(tolerance=1e-3)(lambda x: 2 * x + 0.1)


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (5, [0, 5, 6, 6, 4]),
        ([1, 2, 3], [[0, 0, 0], [3, 2, 1], [2, 3, 4], [3, 1, 2], [1, 2, 3, 0]]),
        ([[1, 2]], [[[0, 0]], [[1], [2]], [[2, 3]], [[2, 1]], [[1, 2, 0], [0, 0, 0]]]),
        ([True, False], [[False] * 2, [False, True], [False, True], [False, True], [True, False, False]]),
    ],
)
def test_usual_wrong_answers(answer, wrong):
    made = Exercise(1, "one", "One", lambda: answer, wrong={"other": len}).wrong_answers()
    assert list(made) == ["zeros", "transpose", "off by one", "shifted", "one larger", "other"]
    assert [made[kind]().tolist() for kind in list(made)[:5]] == wrong
    pair = Exercise(1, "two", "Two", lambda: (np.array([1, 2]), np.array([3, 4]))).wrong_answers()
    assert [part.tolist() for part in pair["off by one"]()] == [[2, 3], [4, 5]]
    assert Exercise(1, "net", "Net", len, judge=len, wrong={"other": len}).wrong_answers() == {"other": len}


def test_a_hint_fits_all_calls_if_one_does():
    exercise = toy(
        mistakes={"squared": lambda x: x**2, "plus two": lambda x: x + 2, "cut off": lambda x: min(2 * x, 6)}
    )
    assert "squared" in exercise(lambda x: x**2).message
    assert "plus two" in exercise(lambda x: x + 2).message
    assert "cut off" in exercise(lambda x: min(2 * x, 6)).message
    assert "squared" in exercise(lambda x: x**2 if x < 3 else 0).message  # up to the first wrong answer
    assert "squared" not in exercise(lambda x: {1: 2, 3: 9, 5: 25}[x]).message


def test_a_hint_is_found_for_an_error_as_well():
    def past_the_end(x):
        return [0, 2, 0, 6][x]

    exercise = toy(mistakes={"the list is too short": past_the_end})
    result = exercise(lambda x: [0, 2, 0, 6][x])
    assert result.message.startswith("Exercise 7: the list is too short\n  line ")
    assert "KeyError: 5" in exercise(lambda x: {1: 2, 3: 6}[x]).message


def test_the_hint_for_nan_is_the_exercises_own():
    assert toy()(lambda x: np.nan).message.startswith(f"Exercise 7: {compare.NAN_HINT}")
    assert toy(nan_hint="clip first")(lambda x: np.nan).message.startswith("Exercise 7: clip first\n")
    assert (
        "plain NaN"
        in toy(nan_hint="clip", mistakes={"plain NaN": lambda x: np.nan})(lambda x: np.nan).message
    )


# Where the code stops

CELL = """\
import numpy as np


def add(image, kernel):
    return image + kernel


def slide(image, kernel, stride):
    total = 0
    total += add(image, kernel)
    return total


def lookup(image, kernel, stride):
    return np.take(image, 99)


def undone(image, kernel, stride):
    raise NotImplementedError()


def calls_undone(image, kernel, stride):
    return undone(image, kernel, stride)


def calls_library(image, kernel, stride):
    return np.random.Generator(Broken())


class Broken:
    @property
    def capsule(self):
        return 1 / 0
"""
ONES = "array (3, 2) float32 [[1., 1.], [1., 1.], [1., 1.]]"
ARRAYS = Exercise(3, "slide", "Slide", lambda *_: 1, [(np.ones((6, 9)), np.ones((3, 2), "float32"), 2)])


@pytest.fixture
def cell():
    """The functions of a notebook's cell, compiled as Jupyter does."""
    compiler = XCachingCompiler()
    name = compiler.cache(CELL, 1)
    namespace = {}
    exec(compiler(CELL, name, "exec"), namespace)
    return types.SimpleNamespace(**namespace)


def test_an_error_is_told_with_its_line_and_the_arguments(cell):
    assert ARRAYS(cell.slide).message.splitlines() == [
        "Exercise 3: your code stops with ValueError: operands could not be broadcast together with shapes (6,9) (3,2)",
        "  line 5 of your cell: return image + kernel",
        f"  called with image: array (6, 9) float64; kernel: {ONES}; stride: 2",
    ]


def test_the_line_is_the_students_not_the_librarys(cell):
    first, second, _arguments = ARRAYS(cell.lookup).message.splitlines()
    assert "IndexError" in first
    assert second == "  line 15 of your cell: return np.take(image, 99)"


def test_an_exercise_that_another_one_needs_is_named(cell):
    assert ARRAYS(cell.undone).message == f"Exercise 3: {messages.NOT_DONE}"
    assert (
        ARRAYS(cell.calls_undone).message
        == "Exercise 3: `undone`, which your function calls, is not done yet."
    )


def test_a_library_that_is_not_done_is_an_error_like_any_other():
    library = {}
    exec("def missing():\n    raise NotImplementedError('no GPU')", library)

    def answer(image, kernel, stride):
        return library["missing"]()

    assert "your code stops with NotImplementedError: no GPU" in ARRAYS(answer).message


def test_errors_without_a_line_or_with_much_text_are_told():
    assert ARRAYS(lambda: 1).message.splitlines()[1:] == [
        f"  called with argument 1: array (6, 9) float64; argument 2: {ONES}; argument 3: 2"
    ]
    assert ARRAYS(np.ones).message.startswith("Exercise 3: your code stops with TypeError")
    assert ARRAYS(functools.partial(np.add, 1, 2)).message.startswith(
        "Exercise 3: your code stops with TypeError"
    )
    assert ARRAYS(5).message.startswith(
        "Exercise 3: your code stops with TypeError: 'int' object is not callable"
    )

    def verbose(*_arguments):
        raise ValueError("first\n\n\x1b[1msecond\x1b[0m " + "x" * 500)

    first = ARRAYS(verbose).message.splitlines()[0]
    assert "first second xxx" in first
    assert len(first) < 400
    assert first.endswith("x…")
    assert not ARRAYS(cell_without_source()).message.splitlines()[1].endswith(": ")


def cell_without_source():
    """A function whose source Python does not have."""
    namespace = {}
    exec(compile("def answer(*arguments):\n    return 1 / 0", "<nowhere>", "exec"), namespace)
    return namespace["answer"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.arange(6, dtype="uint8").reshape(2, 3), "array (2, 3) uint8 [[0, 1, 2], [3, 4, 5]]"),
        (np.array([1 / 3, -2]), "array (2,) float64 [ 0.3333, -2. ]"),
        (np.zeros(messages.MOST_NUMBERS + 1), "array (37,) float64"),
        (np.float32(0.25), "0.25"),
        (1 / 3, "0.3333"),
        (np.array(2.0), "ndarray"),
        (True, "True"),
        ("conv", "'conv'"),
        ([("conv", 3), ("pool", 2)], "[('conv', 3), ('pool', 2)]"),
        (
            [np.zeros(3), np.zeros((1, 2))],
            "[array (3,) float64 [0., 0., 0.], array (1, 2) float64 [[0., 0.]]]",
        ),
        (list(range(8)), "[0, 1, 2, 3, 4, 5, 6, 7]"),
        (list(range(9)), "list of 9"),
        (tuple(range(9)), "tuple of 9"),
        (types.SimpleNamespace(layers=[]), "Keras model"),
        ({}, "dict"),
    ],
)
def test_arguments_are_shown_shortly(value, text):
    assert messages.short(value) == text


def test_a_wrong_answer_is_told_with_the_call_that_shows_it():
    result = toy()(lambda x: min(2 * x, 6))
    assert result.message == (
        "Exercise 7: the number is wrong. Go through the formula with small numbers first.\n  called with x: 5"
    )
    assert "10" not in result.message  # the answer
    assert len(Exercise(1, "one", "One", lambda: 1)(lambda: 9).message.splitlines()) == 1  # nothing to tell


# The score


def test_the_score_counts_what_was_checked(monkeypatch, capsys):
    monkeypatch.setattr(engine, "_PASSED", set())
    exercises = [Exercise(number, "one", "One", lambda: 1) for number in (1, 2, 3)]
    score = engine.score_of("Lab 99", exercises)

    def said():
        capsys.readouterr()
        score()
        return capsys.readouterr().out

    assert said() == "Lab 99: 0 of 3 exercises done; still open: 1, 2, 3.\n"
    exercises[1](lambda: 1)
    assert said() == "Lab 99: 1 of 3 exercises done; still open: 1, 3.\n"
    exercises[1](lambda: 2)  # changed, and no longer right
    assert said() == "Lab 99: 0 of 3 exercises done; still open: 1, 2, 3.\n"
    for exercise in exercises:
        exercise(lambda: 1)
    assert said() == "Lab 99: 3 of 3 exercises done.\n"


@pytest.mark.parametrize("lab", LABS)
def test_each_lab_has_its_score(lab, monkeypatch, capsys):
    monkeypatch.setattr(engine, "_PASSED", set())
    exercises = LABS[lab].EXERCISES
    exercises[0](solutions(lab)[exercises[0].name])
    capsys.readouterr()
    LABS[lab].score()
    rest = ", ".join(str(exercise.number) for exercise in exercises[1:])
    assert (
        capsys.readouterr().out == f"Lab {lab}: 1 of {len(exercises)} exercises done; still open: {rest}.\n"
    )


def test_a_result_is_shown_as_one_word():
    passed, failed = toy()(lambda x: 2 * x), toy()(lambda x: x)
    assert (repr(passed), repr(failed)) == ("passed", "not passed")
    assert (bool(passed), bool(failed)) == (True, False)
    assert repr(toy()) == "the check of exercise 7, Double"
