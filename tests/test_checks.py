"""Every self-check accepts the solution and rejects the stub, zeros, a transpose and an off-by-one."""

import copy
import re
import types

import numpy as np
import pytest

from helpers import course
from helpers.checks import engine, lab_01, lab_02, lab_03, lab_04, lab_05, lab_06, lab_07

with course.quiet():
    import keras

LABS = {"01": lab_01, "02": lab_02, "03": lab_03, "04": lab_04, "05": lab_05, "06": lab_06, "07": lab_07}
MODELS = (
    "changed_model",
    "augmenter",
    "release_last",
    "whole_network",
)  # exercises whose answer is a Keras model


def solutions(root, number):
    """Run the definitions in a lab's source and return the namespace that holds its solutions."""
    import jupytext

    (source,) = (root / "sources/labs").glob(f"{number}_*.py")
    cells = jupytext.read(source).cells
    code = [
        cell.source
        for cell in cells
        if cell.cell_type == "code" and "setup" not in cell.metadata.get("tags", [])
    ]
    keep = [text for text in code if text.startswith(("import", "def")) or "from helpers" in text]
    namespace = {}
    for text in keep:
        exec(re.sub(r"course.start\(.*\)", "", text), namespace)
    return namespace


def exercises(module):
    """Return the names of a lab's checks: its own public functions."""
    return [n for n, f in vars(module).items() if isinstance(f, types.FunctionType) and f.__module__ == module.__name__
            and not n.startswith("_")]  # fmt: skip


EVERY = [(number, name) for number, module in LABS.items() for name in exercises(module)]


def apply(change, answer):
    """Apply a change to an answer, to each part where it is a tuple of arrays."""
    if isinstance(answer, tuple) and isinstance(answer[0], np.ndarray):
        return tuple(apply(change, part) for part in answer)
    answer = np.asarray(answer)
    return change(answer)


def wrong_value(value):
    return ~value if value.dtype == bool else value + 1


def shifted(value):
    """Everything one place further, as when a window starts one pixel too late."""
    wide = [axis for axis in range(value.ndim) if value.shape[axis] > 1]
    return np.roll(value, 1, axis=wide[-1]) if wide else value + 1


def one_larger(value):
    """The right values with one row and column too many."""
    return np.pad(value, [(0, 1)] * value.ndim) if value.ndim else value - 1


def model_like(filters=(16, 32), zero=False):
    """The network of lab 03 with other numbers of filters."""

    def build():
        inputs = keras.Input((28, 28, 1))
        x = keras.layers.Conv2D(filters[0], 5, padding="same", activation="relu")(inputs)
        x = keras.layers.MaxPooling2D(2)(x)
        x = keras.layers.Conv2D(filters[1], 3, activation="relu")(x)
        x = keras.layers.Flatten()(keras.layers.MaxPooling2D(2)(x))
        model = keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))
        if zero:
            model.set_weights([np.zeros_like(weights) for weights in model.get_weights()])
        return model

    return build


def augmenter_like(*factors, order=(0, 1, 2), mode="horizontal", fill_mode="nearest"):
    """The block of lab 05 with other settings."""
    height, width, rotation = factors or (0.1, 0.2, 20 / 360)
    parts = [
        keras.layers.RandomFlip(mode),
        keras.layers.RandomTranslation(height, width, fill_mode=fill_mode),
        keras.layers.RandomRotation(rotation, fill_mode=fill_mode),
    ]
    return lambda: keras.Sequential([parts[place] for place in order])


def releasing(first, last):
    """Exercise 5 of lab 06: release the layers from ``first`` to ``last``."""

    def release(model, _count):
        model.trainable = True
        for layer in model.layers:
            layer.trainable = layer in model.layers[first:last]
        return model

    return release


def network_like(*after, prepare=keras.applications.vgg16.preprocess_input, frozen=True):
    """The network of lab 06 with other layers after the base."""
    last = [
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(1, activation="sigmoid"),
    ]

    def build(base):
        base.trainable = not frozen
        inputs = keras.Input(base.input_shape[1:])
        x = base(prepare(inputs))
        for layer in after or last:
            x = layer.__class__.from_config(layer.get_config())(x)
        return keras.Model(inputs, x)

    return build


def variants(name, solution):
    """Return wrong answers for an exercise: kind of mistake → function."""
    pool, drop, dense = (
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(1, activation="sigmoid"),
    )
    if name == "release_last":
        return {
            "zeros": releasing(0, 0),
            "transpose": releasing(1, 4),
            "off by one": releasing(2, 6),
            "one larger": releasing(0, 6),
        }
    if name == "whole_network":
        return {
            "zeros": network_like(pool, keras.layers.Dropout(0.0), dense),
            "transpose": network_like(drop, pool, dense),
            "off by one": network_like(pool, drop, keras.layers.Dense(2, activation="sigmoid")),
            "one larger": network_like(pool, drop, dense, dense),
            "not prepared": network_like(prepare=lambda x: x / 255),
            "not frozen": network_like(frozen=False),
            "no probability": network_like(pool, drop, keras.layers.Dense(1)),
        }
    if name == "augmenter":
        return {
            "zeros": augmenter_like(0, 0, 20 / 360),
            "transpose": augmenter_like(0.2, 0.1, 20 / 360),
            "off by one": augmenter_like(0.1, 0.2, 21 / 360),
            "one larger": augmenter_like(order=(0, 1, 2, 2)),
        }
    if name == "changed_model":
        return {
            "zeros": model_like(zero=True),
            "transpose": model_like((32, 16)),
            "off by one": model_like((17, 32)),
            "one larger": model_like((16, 33)),
        }
    changes = {
        "zeros": np.zeros_like,
        "off by one": wrong_value,
        "shifted": shifted,
        "one larger": one_larger,
    }
    changed = {
        kind: lambda *arguments, change=change: apply(change, solution(*arguments))
        for kind, change in changes.items()
    }
    if name == "conv_parameters":  # one number has no transpose: swap what could be swapped
        return changed | {"transpose": lambda h, w, c, f: solution(h, w, f, c)}
    if name in (
        "output_shape",
        "layer_sizes",
        "keras_factors",
        "accuracy_interval",
        "feature_shape",
        "relative_changes",
    ):
        # the transpose of a list of sizes is its reverse
        return changed | {"transpose": lambda *arguments: list(solution(*arguments))[::-1]}
    if name == "moving_average":
        return changed | {
            "transpose": lambda start, batches, momentum: solution(start, batches, 1 - momentum)
        }
    if name == "stack_parameters":
        return changed | {"transpose": lambda channels: solution(channels[::-1])}
    if name == "split_counts":
        return changed | {"transpose": lambda *arguments: np.take(solution(*arguments), [1, 0, 3, 2])}
    if name == "decide":
        return changed | {"transpose": lambda p, t: (p >= t).astype(int)}
    if name in ("leaked_share", "cross_entropy", "gain_in_errors"):  # one number: swap the arguments
        return changed | {"transpose": lambda a, b: solution(b, a)}
    if name == "best_epoch":
        return changed | {"transpose": lambda losses: len(losses) + 1 - solution(losses)}
    return changed | {"transpose": lambda *arguments: apply(np.transpose, solution(*arguments))}


@pytest.mark.parametrize(("number", "name"), EVERY)
def test_solution_passes(root, number, name, capsys):
    result = getattr(LABS[number], name)(solutions(root, number)[name])
    assert result.passed, result.message
    assert capsys.readouterr().out.startswith("✔")


@pytest.mark.parametrize(("number", "name"), EVERY)
def test_wrong_answers_fail_each_with_its_own_message(root, number, name, capsys):
    solution, check = solutions(root, number)[name], getattr(LABS[number], name)

    def stub(*_arguments):
        raise NotImplementedError

    messages = {"stub": check(stub).message}
    assert "not done yet" in messages["stub"]
    for kind, wrong in variants(name, solution).items():
        result = check(wrong)
        assert not result.passed, f"{kind} was accepted"
        messages[kind] = result.message
    assert re.search(r"zero", messages["zeros"]), messages["zeros"]
    assert re.search(r"transposed|swapped|reverse|order|dimension|column|channels", messages["transpose"]), (
        messages
    )
    kinds = ("stub", "zeros", "transpose", "off by one")
    assert len({messages[kind] for kind in kinds}) == len(kinds), messages
    assert capsys.readouterr().out.count("✘") == len(messages)


@pytest.mark.parametrize(("number", "name"), EVERY)
def test_odd_answers_do_not_stop_the_page(number, name):
    def crashes(*_arguments):
        return 1 / 0

    check = getattr(LABS[number], name)
    assert "ZeroDivisionError" in check(crashes).message
    for answer in (None, "text", [[1, 2], [3]], [], {}, object(), np.array(np.nan), (1, 2, 3), keras):
        result = check(lambda *_arguments, answer=answer: answer)
        assert not result.passed
    assert "None" in check(lambda *_arguments: None).message


@pytest.mark.parametrize(("number", "name"), EVERY)
def test_checks_do_not_change_and_leak_nothing(root, number, name):
    """A function that spoils its arguments is judged like any other; messages hold no expected values."""
    if name in MODELS:
        return
    solution, check = solutions(root, number)[name], getattr(LABS[number], name)

    def spoil(*arguments):
        answer = copy.deepcopy(solution(*arguments))  # it may be a view of an argument
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                argument[...] = 0
        return answer

    assert check(spoil).passed
    assert check(solution).passed


def test_named_mistakes_get_their_hint(root):
    """Every hint written for an exercise is reached by the mistake it describes."""
    reached = set()
    original = engine.check

    def recording(exercise, function, cases, solution, mistakes=None, **options):
        for hint, mistaken in (mistakes or {}).items():
            result = original(exercise, mistaken, cases, solution, mistakes, **options)
            assert not result.passed, f"{exercise}: the mistake '{hint}' passes"
            assert hint in result.message, f"{exercise}: '{hint}' is not said, but: {result.message}"
            reached.add(hint)
        return original(exercise, function, cases, solution, mistakes, **options)

    for number, module in LABS.items():
        module.check = recording
        try:
            for name in exercises(module):
                getattr(module, name)(solutions(root, number)[name])
        finally:
            module.check = original
    assert len(reached) >= 40


def test_overflowing_softmax_gets_the_hint():
    def naive(scores):
        return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)

    assert "overflow" in lab_03.softmax(naive).message


def test_equivalent_answers_are_accepted(root):
    """Other types and other ways to write the same thing are right, too."""
    two = {name: solutions(root, "02")[name] for name in ("gradients", "magnitude_and_angle")}
    assert lab_02.gradients(lambda image: np.stack(two["gradients"](image)))
    assert lab_02.magnitude_and_angle(lambda gx, gy: list(two["magnitude_and_angle"](gx, gy)))
    softmax = solutions(root, "03")["softmax"]
    assert lab_03.softmax(lambda scores: softmax(scores.astype("float32")))
    assert lab_03.conv_parameters(lambda h, w, c, f: float((h * w * c + 1) * f))

    def sequential():
        return keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                keras.layers.Conv2D(16, 5, padding="same", activation=keras.layers.ReLU()),
                keras.layers.MaxPooling2D(),
                keras.layers.Conv2D(32, 3, activation=keras.activations.relu),
                keras.layers.MaxPooling2D(),
                keras.layers.Flatten(),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )

    assert lab_03.changed_model(sequential)


@pytest.mark.parametrize("subtract", [np.max, np.mean, lambda scores: 1000])
def test_softmax_must_subtract_row_by_row(subtract):
    def shifted_wrongly(scores):
        exponentials = np.exp(scores - subtract(scores))
        return exponentials / exponentials.sum(axis=1, keepdims=True)

    assert "overflow" in lab_03.softmax(shifted_wrongly).message


def changed_layer(number, **options):
    """The network of lab 03 with one layer built differently."""

    def build():
        kinds = [
            keras.layers.Conv2D,
            keras.layers.MaxPooling2D,
            keras.layers.Conv2D,
            keras.layers.MaxPooling2D,
        ]
        kinds += [keras.layers.Flatten, keras.layers.Dense]
        settings = [
            {"filters": 16, "kernel_size": 5, "padding": "same", "activation": "relu"},
            {"pool_size": 2},
            {"filters": 32, "kernel_size": 3, "activation": "relu"},
            {"pool_size": 2},
            {},
            {"units": 10, "activation": "softmax"},
        ]
        settings[number] |= options
        layers = [kind(**setting) for kind, setting in zip(kinds, settings, strict=True)]
        return keras.Sequential([keras.Input((28, 28, 1)), *layers])

    return build


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (changed_layer(0, use_bias=False), "biases"),
        (changed_layer(1, pool_size=3, strides=2, padding="same"), "tiles of 2×2"),
        (changed_layer(0, kernel_size=3), "kernel size"),
        (changed_layer(0, padding="valid"), "padding"),
        (changed_layer(2, activation=None), "activations"),
        (changed_layer(5, activation="sigmoid"), "activations"),
        (lambda: keras.Sequential([keras.layers.Flatten()]), "keras.Input"),
        (lambda: keras.Model(), "keras.Input|cannot be examined"),
    ],
)
def test_a_model_that_differs_is_told_where(model, words):
    result = lab_03.changed_model(model)
    assert not result
    assert re.search(words, result.message)
