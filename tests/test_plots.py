"""helpers.plots: what is drawn where, in which color, and what stands there for readers who cannot see it."""

import io
import types

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from helpers import course, plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def shown(monkeypatch):
    """What a notebook would show: a list of what was displayed, and with which options."""
    calls = []
    monkeypatch.setattr(plots, "get_ipython", object)
    monkeypatch.setattr(plots, "display", lambda what, **options: calls.append((what, options)))
    return calls


def colors_of(axis):
    """Return text → color of the numbers in the squares."""
    return {text.get_text(): text.get_color() for text in axis.texts}


# Show


def test_a_figure_is_shown_once_with_its_description_and_closed(shown):
    figure = plt.figure()
    plots.show("A line that rises.")
    ((what, options),) = shown
    assert what is figure
    assert options["metadata"] == {"image/png": {"alt": "A line that rises."}}
    assert plt.get_fignums() == []  # else the notebook would show it a second time


def test_outside_a_notebook_the_window_opens(monkeypatch):
    opened = []
    monkeypatch.setattr(plt, "show", lambda: opened.append(plt.get_fignums()))
    plt.figure()
    plots.show("A line that rises.")
    assert opened == [[1]]
    assert plt.get_fignums() == []


def test_a_widget_has_a_figure_that_stands_in_for_it(shown):
    plots.show_widget(types.SimpleNamespace(model_id="abc"), lambda: plt.plot([1, 2]), "A line that rises.")
    ((bundle, options),) = shown
    assert bundle["application/vnd.jupyter.widget-view+json"] == {
        "version_major": 2, "version_minor": 0, "model_id": "abc",
    }  # fmt: skip
    assert Image.open(io.BytesIO(bundle["image/png"])).width > 100
    assert bundle["text/plain"] == "A line that rises."
    assert options == {"metadata": {"image/png": {"alt": "A line that rises."}}, "raw": True}
    assert plt.get_fignums() == []


# Grids


def test_image_grid_draws_each_image_once_in_order():
    images = [np.full((4, 6), 1), np.full((4, 6, 1), 2), np.full((4, 6, 3), 3)]
    axes = plots.image_grid(images, ["a", "b", "c"], columns=2)
    assert [axis.get_title() for axis in axes] == ["a", "b", "c"]
    assert [axis.images[0].get_array().shape for axis in axes] == [(4, 6), (4, 6), (4, 6, 3)]
    assert [axis.images[0].get_array().max() for axis in axes] == [1, 2, 3]
    assert [axis.images[0].get_cmap().name for axis in axes[:2]] == ["gray", "gray"]
    rows, columns = axes[0].get_gridspec().get_geometry()
    assert (rows, columns) == (2, 2)
    places = [axis.get_subplotspec().num1 for axis in axes]
    assert places == [0, 1, 2]
    assert not any(axis.axison for axis in axes[0].figure.axes)  # the empty fourth place included


def test_a_grid_is_no_wider_than_its_images_and_as_high_as_they_are():
    (axis,) = plots.image_grid([np.zeros((30, 10))], cell=2.0)
    assert list(axis.figure.get_size_inches()) == [2.0, 6.0]
    axes = plots.image_grid([np.zeros((10, 20)), np.zeros((20, 20))], ["a", "b"], cell=2.0)
    assert list(axes[0].figure.get_size_inches()) == pytest.approx([4.0, 2.4])  # and room for titles


def test_settings_are_passed_on_and_may_replace_the_gray():
    (axis,) = plots.image_grid([np.zeros((4, 4))], cmap="viridis", vmin=-1, vmax=3)
    assert axis.images[0].get_cmap().name == "viridis"
    assert axis.images[0].get_clim() == (-1, 3)


def test_number_grid_writes_every_number_in_its_square_and_leaves_nan_empty():
    axis = plots.number_grid([[1, np.nan, 0.12345], [-2.5, 300, 7]], "A title", window=(0, 1, 2, 1))
    assert {text.get_position(): text.get_text() for text in axis.texts} == {
        (0, 0): "1", (2, 0): "0.1235", (0, 1): "-2.5", (1, 1): "300", (2, 1): "7",
    }  # fmt: skip
    assert axis.get_title() == "A title"
    (frame,) = axis.patches
    assert frame.get_bbox().bounds == (0.5, -0.5, 1, 2)
    assert not frame.get_fill()  # the numbers stay visible
    assert not plots.number_grid([[1]]).patches


def test_numbers_can_be_read_on_every_color():
    assert colors_of(plots.number_grid([[0, 100]], cmap="gray")) == {"0": "white", "100": "black"}
    assert colors_of(plots.number_grid([[0, 100]])) == {"0": "black", "100": "white"}  # Blues: dark is large
    # yellow is light and blue is dark, though both are pure colors
    assert colors_of(plots.number_grid([[0, 1]], cmap=plt.matplotlib.colors.ListedColormap(["yellow", "blue"]))) == {
        "0": "black", "1": "white",
    }  # fmt: skip


def test_number_grid_draws_where_it_is_told():
    _figure, axis = plt.subplots()
    assert plots.number_grid([[1, 2]], axis=axis, vmin=0, vmax=5) is axis
    assert axis.images[0].get_clim() == (0, 5)
    assert len(plt.get_fignums()) == 1


def test_kernels_share_a_scale_around_zero():
    kernels = np.arange(18.0).reshape(3, 3, 2) - 14
    axes = plots.kernel_grid(kernels, ["first", "second"])
    assert {axis.images[0].get_clim() for axis in axes} == {(-14.0, 14.0)}
    assert [axis.get_title() for axis in axes] == ["first", "second"]
    for number, axis in enumerate(axes):
        assert np.array_equal(axis.images[0].get_array(), kernels[..., number])
        assert axis.images[0].get_cmap().name == plots.SIGNED
    (scale,) = [axis for axis in axes[0].figure.axes if axis.get_ylabel() == "weight"]
    assert scale.get_ylim() == (-14, 14)
    assert plots.kernel_grid(np.zeros((3, 3, 1)))[0].images[0].get_clim() == (-1, 1)


def test_feature_maps_share_one_brightness_scale():
    maps = np.random.default_rng(0).normal(size=(5, 6, 7))
    axes = plots.feature_maps(maps, columns=3)
    assert len(axes) == 7
    assert {axis.images[0].get_clim() for axis in axes} == {(maps.min(), maps.max())}
    for number, axis in enumerate(axes):
        assert np.array_equal(axis.images[0].get_array(), maps[..., number])
    assert axes[0].get_gridspec().get_geometry() == (3, 3)


# Curves


def test_learning_curves_draw_what_is_there():
    histories = {"a": {"loss": [2, 1], "val_loss": [3, 2.5]}, "b": {"loss": [1, 0]}}
    (axis,) = plots.learning_curves(histories, ["loss"])
    assert [(line.get_label(), list(line.get_xdata()), list(line.get_ydata())) for line in axis.lines] == [
        ("a: training", [1, 2], [2, 1]),
        ("a: validation", [1, 2], [3, 2.5]),
        ("b: training", [1, 2], [1, 0]),
    ]
    training, validation, other = axis.lines
    assert training.get_color() == validation.get_color() != other.get_color()
    assert training.get_linewidth() < validation.get_linewidth()
    assert training.get_linestyle() != validation.get_linestyle()  # told apart without color, too


def test_learning_curves_have_a_panel_for_each_metric_and_one_legend():
    history = {"loss": [2, 1], "val_accuracy": [0.5, 0.6], "top_k": [1, 1]}
    first, second = plots.learning_curves({"": history})
    assert [axis.get_ylabel() for axis in (first, second)] == ["loss", "accuracy"]
    assert [axis.get_xlabel() for axis in (first, second)] == ["epoch", "epoch"]
    assert [line.get_label() for line in (*first.lines, *second.lines)] == ["training", "validation"]
    (legend,) = first.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["training"]
    (axis,) = plots.learning_curves({"run": history}, ["top_k"])
    assert axis.get_ylabel() == "top k"
    axis.figure.canvas.draw()
    assert all(float(tick).is_integer() for tick in axis.get_xticks())  # there is no epoch 1.5


# Confusion matrix


def test_confusion_matrix_has_true_classes_in_rows():
    axis = plots.confusion_matrix([[5, 2, 0], [0, 7, 4], [1, 0, 0]], ["cat", "dog", "cow"])
    assert (axis.get_ylabel(), axis.get_xlabel()) == ("true class", "predicted class")
    texts = {text.get_position(): text.get_text() for text in axis.texts}
    # (column, row): a zero is written on the diagonal only
    assert texts == {(0, 0): "5", (1, 0): "2", (1, 1): "7", (2, 1): "4", (0, 2): "1", (2, 2): "0"}
    for ticks in (axis.get_xticklabels(), axis.get_yticklabels()):
        assert [tick.get_text() for tick in ticks] == ["cat", "dog", "cow"]


def test_confusion_matrix_colors_the_mistakes_only():
    axis = plots.confusion_matrix([[50, 2], [9, 70]], ["cat", "dog"])
    colors = axis.images[0].get_array()
    assert np.array_equal(np.ma.getmaskarray(np.ma.masked_invalid(colors)), np.eye(2, dtype=bool))
    assert (colors[0, 1], colors[1, 0]) == (2, 9)
    assert axis.images[0].get_clim() == (0, 9)
    assert colors_of(axis) == {"50": "black", "2": "black", "9": "white", "70": "black"}
    assert {text.get_text(): text.get_weight() for text in axis.texts} == {
        "50": "bold", "2": "normal", "9": "normal", "70": "bold",
    }  # fmt: skip
    assert to_hex(axis.get_facecolor()) != to_hex(axis.images[0].cmap(0.0))  # the diagonal is no mistake


# Model


@pytest.fixture
def drawn(monkeypatch):
    """A stand-in for Keras that draws, and what was displayed: importing the real one costs seconds."""
    displayed, settings = [], {}

    class Graph:
        def create(self, prog, format):
            return b"PNG" if format == "png" else b"<?xml?>\n<!DOCTYPE svg>\n<svg>boxes</svg>"

        def set(self, name, value):
            settings[name] = value

    def model_to_dot(model, **options):
        settings.update(options)
        return Graph()

    keras = types.SimpleNamespace(utils=types.SimpleNamespace(model_to_dot=model_to_dot))
    monkeypatch.setitem(plots.sys.modules, "keras", keras)
    monkeypatch.setattr(plots, "display", displayed.append)
    return displayed, settings


def test_a_drawn_model_is_a_picture_with_a_description(drawn, tmp_path):
    displayed, settings = drawn
    plots.model_graph("model", 'Two "boxes" & an <arrow>.', tmp_path / "model.png")
    (page,) = displayed
    assert page.data == (
        '<div role="img" aria-label="Two &quot;boxes&quot; &amp; an &lt;arrow&gt;."><svg>boxes</svg></div>'
    )
    assert settings["show_shapes"] is True
    assert settings["show_layer_names"] is True
    assert (tmp_path / "model.png").read_bytes() == b"PNG"
    assert settings["dpi"] == 150  # sharp in print


def test_a_drawing_is_written_only_where_told(drawn, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plots.model_graph("model", "Two boxes.")
    assert list(tmp_path.iterdir()) == []


def test_without_a_program_that_draws_the_way_out_is_said(drawn, monkeypatch):
    monkeypatch.setattr(plots.shutil, "which", lambda *_arguments, **_options: None)
    with pytest.raises(RuntimeError, match="pip install graphviz-pure"):
        plots.model_graph("model", "Two boxes.")
    assert drawn[0] == []


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
