"""helpers.course, helpers.plots, and what importing the package costs."""

import os
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import course, plots


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
    code = (
        "import sys; from helpers import convolution, filters, datasets, course, plots;"
        "from helpers.checks import lab_01, lab_02, lab_03, lab_04, lab_05;"
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
        "import keras; print(float(keras.random.normal(())))"
    )
    first = python(code)
    assert first == python(code)
    assert "TensorFlow" in first.splitlines()[0]
    assert "float32" in first.splitlines()[0]


def test_banner_names_real_data(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
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


def test_ledger_row_tells_data_apart():
    row = course.ledger_row(data=[np.arange(3)], accuracy=0.5)
    assert row["accuracy"] == 0.5
    assert {"versions", "hardware", "precision", "data_sha256"} <= set(row)
    assert row["data_sha256"] != course.ledger_row(data=[np.arange(4)])["data_sha256"]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_image_grid_draws_each_image_once():
    images = [np.zeros((4, 6)), np.zeros((4, 6, 1)), np.zeros((4, 6, 3))]
    axes = plots.image_grid(images, ["a", "b", "c"], columns=2)
    assert [axis.get_title() for axis in axes] == ["a", "b", "c"]
    assert [axis.images[0].get_array().shape[:2] for axis in axes] == [(4, 6)] * 3


def test_number_grid_writes_every_number_and_leaves_nan_empty():
    axis = plots.number_grid([[1, np.nan], [-2.5, 300]], "title", window=(0, 1, 2, 1))
    assert [text.get_text() for text in axis.texts] == ["1", "-2.5", "300"]
    assert axis.patches[0].get_bbox().bounds == (0.5, -0.5, 1, 2)


def test_kernels_share_a_scale_around_zero():
    axes = plots.kernel_grid(np.arange(18.0).reshape(3, 3, 2) - 3)
    assert {axis.images[0].get_clim() for axis in axes} == {(-14.0, 14.0)}
    assert len(plots.feature_maps(np.zeros((5, 5, 7)))) == 7


def test_learning_curves_draw_what_is_there():
    axes = plots.learning_curves({"a": {"loss": [2, 1], "val_loss": [3, 2]}, "b": {"loss": [1, 0]}}, ["loss"])
    labels = [line.get_label() for line in axes[0].lines]
    assert labels == ["a: training", "a: validation", "b: training"]
    assert list(axes[0].lines[0].get_xdata()) == [1, 2]


def test_confusion_matrix_has_true_classes_in_rows():
    axis = plots.confusion_matrix([[5, 2], [0, 7]], ["cat", "dog"])
    assert (axis.get_ylabel(), axis.get_xlabel()) == ("true class", "predicted class")
    texts = {text.get_position(): text.get_text() for text in axis.texts}
    assert texts == {(0, 0): "5", (1, 0): "2", (1, 1): "7"}


def test_model_graph_needs_no_program_of_the_system(tmp_path, monkeypatch):
    with course.quiet():
        import keras
    inputs = keras.Input((8, 8, 3), name="picture")
    model = keras.Model(inputs, keras.layers.Conv2D(4, 3, name="first_layer")(inputs))
    shown = []
    monkeypatch.setattr(plots, "display", shown.append)
    monkeypatch.setenv("PATH", str(tmp_path))  # no program named dot
    plots.model_graph(model, "Two boxes & an arrow.", tmp_path / "model.png")
    drawing = shown[0].data
    assert 'role="img" aria-label="Two boxes &amp; an arrow."' in drawing
    assert "first_layer" in drawing
    assert "(None, 6, 6, 4)" in drawing
    assert ">dpi<" not in drawing  # an option without a value would be drawn as one more box
    assert (tmp_path / "model.png").read_bytes()[:4] == b"\x89PNG"
    monkeypatch.setattr(plots.shutil, "which", lambda *_names, **_options: None)
    with pytest.raises(RuntimeError, match="pip install graphviz-pure"):
        plots.model_graph(model, "Nothing.")


def test_start_uses_a_legible_style():
    course.start("Lesson 96")
    assert plt.rcParams["font.size"] >= 14


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
    ("capability", "expected"), [((9, 0), "mixed_bfloat16"), ((7, 5), "mixed_float16"), ((6, 1), "float32")]
)
def test_precision_follows_the_gpu(capability, expected, policy, monkeypatch):
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["one"])
    details = {"compute_capability": capability}
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda device: details)
    monkeypatch.setattr(course, "_processor_flags", set)
    assert course.use_fast_precision() == expected == policy()


def test_fast_precision_gives_the_same_answers(policy):
    """Weights stay float32, and a network answers almost the same in 16 bits."""
    import keras

    def network():
        keras.utils.set_random_seed(0)
        inputs = keras.Input((16, 16, 3))
        x = keras.layers.Conv2D(8, 3, activation="relu")(inputs)
        x = keras.layers.GlobalAveragePooling2D()(x)
        return keras.Model(inputs, keras.layers.Dense(2, activation="softmax", dtype="float32")(x))

    images = np.random.default_rng(0).random((4, 16, 16, 3), dtype="float32")
    answers = []
    for name in ("float32", "mixed_bfloat16"):
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
