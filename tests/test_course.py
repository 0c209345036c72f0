"""helpers.course, helpers.quiet, and what importing the package costs."""

import os
import pkgutil
import random
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from helpers import checks, course


def python(code, **environment):
    """Run code in a fresh interpreter and return its standard output; stderr must stay empty."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_import_is_light():
    """The import must not load TensorFlow or matplotlib; its time is measured in benchmarks/."""
    code = (
        "import sys, helpers; print([m for m in ('tensorflow', 'keras', 'matplotlib') if m in sys.modules])"
    )
    assert python(code).strip() == "[]"
    modules = [module.name for module in pkgutil.iter_modules(checks.__path__)]
    assert {"lab_01", "lab_07"} <= set(modules)
    code = (
        "import sys; from helpers import convolution, filters, datasets, course, photos, plots, pretrained;"
        f"from helpers.checks import {', '.join(modules)};"
        "print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    assert python(code).strip() == "False False"


def test_start_prints_one_line_and_seeds():
    code = (
        "from helpers import course; import numpy as np; course.start('Lesson 99'); print(np.random.random())"
    )
    first = python(code, COURSE_BUDGET="reduced")
    assert first == python(code, COURSE_BUDGET="reduced")
    banner = first.splitlines()[0]
    assert banner.startswith("Lesson 99 · Python")
    assert banner.endswith("reduced budget · built-in data")
    assert "TensorFlow" not in banner


def test_start_with_tensorflow_is_quiet_and_seeds_keras():
    code = (
        "from helpers import course; course.start('Lesson 98', tensorflow=True);"
        "import keras, tensorflow as tf;"
        "print(float(keras.random.normal(())), float(tf.random.normal(())), tf.get_logger().level)"
    )
    first = python(code)
    assert first == python(code)
    assert "TensorFlow" in first.splitlines()[0]
    assert "float32" in first.splitlines()[0]
    assert first.endswith(" 40\n")  # TensorFlow reports errors only


def test_every_generator_starts_from_the_same_place(capsys):
    drawn = []
    for _ in range(2):
        course.start("Lesson 95")
        drawn.append((random.random(), np.random.random()))  # noqa: NPY002 - as student code draws
    assert drawn[0] == drawn[1]
    course.start("Lesson 95")
    random.random()
    assert random.random() != drawn[0][0]


def test_banner_names_real_data(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COURSE_DATA", "auto")
    course.start("Lesson 97")
    assert capsys.readouterr().out.endswith("real data where it can be fetched\n")
    (tmp_path / "mnist.npz").write_bytes(b"")
    course.start("Lesson 97")
    line = capsys.readouterr().out
    assert "real data found: mnist.npz" in line
    assert str(tmp_path) not in line


def test_budget(monkeypatch):
    monkeypatch.setenv("COURSE_BUDGET", "full")
    assert course.budget(full=30, reduced=2) == 30
    monkeypatch.setenv("COURSE_BUDGET", "reduced")
    assert course.budget(full=30, reduced=2) == 2
    monkeypatch.delenv("COURSE_BUDGET")
    assert course.budget(full=30, reduced=2) == 30
    monkeypatch.setenv("COURSE_BUDGET", "tiny")
    with pytest.raises(ValueError, match='"full" or "reduced"'):
        course.budget(full=30, reduced=2)


def test_quiet_hides_c_level_messages_but_not_exceptions():
    code = (
        "import os; from helpers import course\n"
        "with course.quiet():\n    os.write(2, b'noise')\n"
        "try:\n    with course.quiet():\n        1 / 0\nexcept ZeroDivisionError:\n    print('raised')"
    )
    assert python(code).strip() == "raised"


def test_after_quiet_messages_are_seen_again_and_nothing_is_left_open(capfd):
    before = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []
    for _ in range(3):
        with course.quiet():
            os.write(2, b"hidden")
        os.write(2, b"seen")
    assert capfd.readouterr().err == "seenseenseen"
    if before:
        assert len(os.listdir("/proc/self/fd")) == len(before)


@pytest.mark.parametrize(("own", "level"), [(None, "2"), ("0", "0")])
def test_quiet_keeps_the_level_that_somebody_has_set(own, level, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    if own:
        monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", own)
    with course.quiet():
        pass
    assert os.environ.pop("TF_CPP_MIN_LOG_LEVEL") == level


def test_ledger_row_tells_data_apart():
    first, second = np.arange(3), np.zeros((2, 2), "float32")
    row = course.ledger_row(data=[first, second], accuracy=0.5, seed=1)
    assert (row["accuracy"], row["seed"]) == (0.5, 1)
    assert row["versions"]["numpy"] == np.__version__
    assert set(row["versions"]) == {"python", "numpy", "tensorflow", "keras"}
    assert {"hardware", "precision"} <= set(row)
    others = ([first], [second], [first, second + 1], [first + 1, second], [second, first])
    digests = {course.ledger_row(data=list(other))["data_sha256"] for other in others}
    assert len(digests | {row["data_sha256"]}) == 6  # every array counts, and their order
    turned = np.arange(6).reshape(2, 3).T  # the same numbers, however they lie in memory
    same = {
        course.ledger_row(data=[one])["data_sha256"] for one in (turned, turned.copy("C"), turned.copy("F"))
    }
    assert len(same) == 1


def test_start_uses_a_legible_style():
    course.start("Lesson 96")
    style = plt.rcParams
    assert style["font.size"] >= 14
    assert style["image.interpolation"] == "nearest"  # a pixel is a square
    assert not style["axes.spines.top"]
    # neighbors are told apart without color, too
    gray = [
        0.3 * red + 0.59 * green + 0.11 * blue
        for red, green, blue in map(to_rgb, style["axes.prop_cycle"].by_key()["color"])
    ]
    assert min(abs(a - b) for a, b in zip(gray, gray[1:], strict=False)) > 0.05


@pytest.fixture
def policy():
    """Put the precision back afterwards."""
    with course.quiet():
        import keras
    before = keras.config.dtype_policy().name
    yield lambda: keras.config.dtype_policy().name
    keras.config.set_dtype_policy(before)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"avx2", "amx_bf16", "avx512_bf16"}, "mixed_bfloat16"),
        ({"avx512_bf16"}, "mixed_bfloat16"),
        ({"avx2", "avx512f"}, "float32"),
        (set(), "float32"),
    ],
)
def test_precision_follows_the_processor(flags, expected, policy, monkeypatch, capsys):
    monkeypatch.setattr(course, "_processor_flags", lambda: flags)
    assert course.use_fast_precision() == expected == policy()
    assert capsys.readouterr().out.startswith(f"precision: {expected} (")


@pytest.mark.parametrize(
    ("capability", "expected"),
    [
        ((9, 0), "mixed_bfloat16"),
        ((8, 0), "mixed_bfloat16"),
        ((7, 5), "mixed_float16"),
        ((7, 0), "mixed_float16"),
        ((6, 1), "float32"),
    ],
)
def test_precision_follows_the_gpu(capability, expected, policy, monkeypatch):
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["one"])
    details = {"compute_capability": capability}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda device: details)
    monkeypatch.setattr(course, "_processor_flags", set)
    assert course.use_fast_precision() == expected == policy()


ALL_UNITS = {"avx2", "avx512_bf16", "amx_bf16"}


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (None, ALL_UNITS),
        ("all", ALL_UNITS),
        ("AVX10_1_512_AMX", ALL_UNITS),
        ("AVX512_CORE_BF16", {"avx2", "avx512_bf16"}),
        ("AVX512_CORE_FP16", {"avx2", "avx512_bf16"}),
        ("AVX2", {"avx2"}),
    ],
)
def test_units_that_onednn_may_not_use_do_not_count(limit, expected, monkeypatch, tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor : 0\nflags\t\t: avx2 avx512_bf16 amx_bf16\nbugs : none\n")
    monkeypatch.setattr(course, "Path", lambda _place: cpuinfo)
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    if limit:
        monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", limit)
    assert course._processor_flags() & ALL_UNITS == expected
    cpuinfo.unlink()  # as on macOS and Windows
    assert course._processor_flags() == set()


def test_fast_precision_gives_the_same_answers(policy):
    """Weights stay float32, and a network answers almost the same in 16 bits."""
    import keras

    fast = course.use_fast_precision()
    if fast == "float32":
        pytest.skip(
            "this processor has no fast 16-bit arithmetic, and TensorFlow cannot emulate it everywhere"
        )

    def network():
        keras.utils.set_random_seed(0)
        inputs = keras.Input((16, 16, 3))
        x = keras.layers.Conv2D(8, 3, activation="relu")(inputs)
        x = keras.layers.GlobalAveragePooling2D()(x)
        return keras.Model(inputs, keras.layers.Dense(2, activation="softmax", dtype="float32")(x))

    images = np.random.default_rng(0).random((4, 16, 16, 3), dtype="float32")
    answers = []
    for name in ("float32", fast):
        keras.config.set_dtype_policy(name)
        model = network()
        assert all(weight.dtype == "float32" for weight in model.weights)
        answers.append(model.predict(images, verbose=0))
    assert answers[1].dtype == np.float32
    assert np.allclose(*answers, atol=0.01)


def test_records_are_read_and_missing_ones_named():
    rows = course.recorded("03_mnist_cnn")
    assert {"experiment", "seed", "accuracy", "versions", "data_sha256"} <= set(rows[0])
    with pytest.raises(ValueError, match=r"There is no record 'unknown'.*03_mnist_cnn"):
        course.recorded("unknown")
