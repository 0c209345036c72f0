"""The figures that several lessons draw: grids of images, numbers, kernels and feature maps, curves.

Every function returns the matplotlib ``Axes`` (or an array of them), so that you can go on drawing.
Finish a figure with ``show("…")``, which also gives it a description for readers who cannot see it.
"""

from __future__ import annotations

import html
import io
import math
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython import get_ipython
from IPython.display import HTML, display
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

SIGNED = "PuOr"  # negative orange, zero white, positive purple: safe for color-blind readers
LINE_STYLES = ["-", "--", "-.", ":"]


def show(description: str) -> None:
    """Show the current figure with a description, then close it.

    Args:
        description: at least one full sentence; screen readers and exported pages use it as alt text.
    """
    figure = plt.gcf()
    if get_ipython() is None:
        plt.show()
    else:
        display(figure, metadata={"image/png": {"alt": description}})
    plt.close(figure)


def show_widget(widget, draw, description: str) -> None:
    """Show an interactive widget, and where widgets cannot run the figure that ``draw()`` makes.

    Args:
        widget: an ``ipywidgets`` widget.
        draw: a function without arguments that draws the stand-in figure.
        description: the alt text of the stand-in, at least one full sentence.
    """
    draw()
    picture = io.BytesIO()
    plt.gcf().savefig(picture, format="png", bbox_inches="tight")
    plt.close(plt.gcf())
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    bundle = {
        "application/vnd.jupyter.widget-view+json": view,
        "image/png": picture.getvalue(),
        "text/plain": description,
    }
    display(bundle, metadata={"image/png": {"alt": description}}, raw=True)


def image_grid(
    images: Sequence[ArrayLike],
    titles: Sequence[str] | None = None,
    columns: int = 4,
    cell: float = 2.6,
    **imshow,
) -> NDArray[np.object_]:
    """Draw images side by side, without ticks.

    Args:
        images: each (height, width) or (height, width, 1) for gray, or (height, width, 3) for color
            (0–255 integers or 0–1 floats).
        titles: one for each image.
        columns: images in one row.
        cell: width of one image, in inches.
        **imshow: passed to ``Axes.imshow``; gray images share ``cmap="gray"`` unless told otherwise.

    Returns:
        A flat array with one Axes for each image.
    """
    columns = min(columns, len(images))
    rows = math.ceil(len(images) / columns)
    pictures = [np.asarray(image) for image in images]
    height = cell * max(picture.shape[0] / picture.shape[1] for picture in pictures) + (0.4 if titles else 0)
    size = (cell * columns, height * rows)
    axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")[1]
    for axis in axes.flat:
        axis.set_axis_off()
    for index, picture in enumerate(pictures):
        picture = picture[..., 0] if picture.ndim == 3 and picture.shape[2] == 1 else picture
        axes.flat[index].imshow(picture, **{"cmap": "gray", **imshow})
        if titles is not None:
            axes.flat[index].set_title(titles[index])
    return axes.ravel()[: len(images)]


def number_grid(
    matrix: ArrayLike,
    title: str = "",
    window: tuple[int, int, int, int] | None = None,
    axis: Axes | None = None,
    **imshow,
) -> Axes:
    """Draw a matrix with its numbers written in the squares; NaN stays an empty square.

    Args:
        matrix: shape (rows, columns).
        title: written above.
        window: (row, column, height, width) of a frame to draw, for example around a kernel's position.
        axis: where to draw; a new figure if None.
        **imshow: passed to ``Axes.imshow`` (``cmap``, ``vmin``, ``vmax``).
    """
    matrix = np.asarray(matrix, dtype=float)
    rows, columns = matrix.shape
    if axis is None:
        axis = plt.subplots(figsize=(0.7 * columns + 0.4, 0.7 * rows + 0.6), layout="constrained")[1]
    image = axis.imshow(matrix, **{"cmap": "Blues", **imshow})
    for (row, column), value in np.ndenumerate(matrix):
        if np.isfinite(value):
            red, green, blue, _ = image.cmap(image.norm(value))
            dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.5
            axis.text(
                column, row, f"{value:.4g}", ha="center", va="center", color="white" if dark else "black"
            )
    axis.set_xticks(np.arange(columns + 1) - 0.5, labels=[])
    axis.set_yticks(np.arange(rows + 1) - 0.5, labels=[])
    axis.grid(True, color="0.6", linewidth=0.8)
    axis.tick_params(length=0)
    axis.spines[:].set(visible=True, color="0.6")
    if window is not None:
        row, column, height, width = window
        frame: dict[str, Any] = {
            "fill": False,
            "edgecolor": "#d55e00",
            "linewidth": 4,
            "zorder": 5,
            "clip_on": False,
        }
        axis.add_patch(Rectangle((column - 0.5, row - 0.5), width, height, **frame))
    axis.set_title(title)
    return axis


def kernel_grid(
    kernels: ArrayLike, titles: Sequence[str] | None = None, columns: int = 8
) -> NDArray[np.object_]:
    """Draw kernels on one signed color scale that is symmetric around zero.

    Args:
        kernels: shape (kernel height, kernel width, filters), for one input channel.
        titles: one for each filter.
        columns: kernels in one row.
    """
    kernels = np.asarray(kernels)
    limit = float(np.abs(kernels).max()) or 1.0
    axes = image_grid(
        list(np.moveaxis(kernels, -1, 0)), titles, columns, 1.3, cmap=SIGNED, vmin=-limit, vmax=limit
    )
    axes[0].figure.colorbar(axes[0].images[0], ax=list(axes), label="weight", shrink=0.8)
    return axes


def feature_maps(
    maps: ArrayLike, titles: Sequence[str] | None = None, columns: int = 8
) -> NDArray[np.object_]:
    """Draw the channels of one layer's output, on one brightness scale.

    Args:
        maps: shape (height, width, channels).
        titles: one for each channel.
        columns: maps in one row.
    """
    maps = np.asarray(maps)
    return image_grid(
        list(np.moveaxis(maps, -1, 0)), titles, columns, 1.5, cmap="viridis", vmin=maps.min(), vmax=maps.max()
    )


def learning_curves(
    histories: Mapping[str, Mapping[str, Sequence[float]]], metrics: Sequence[str] = ("loss", "accuracy")
) -> NDArray[np.object_]:
    """Draw training (thin) and validation (thick) curves of one or more runs, one panel for each metric.

    Args:
        histories: name of the run → ``history.history`` of Keras; ``val_`` keys are drawn if present.
        metrics: keys to draw.
    """
    _figure, axes = plt.subplots(
        1, len(metrics), figsize=(6 * len(metrics), 4), squeeze=False, layout="constrained"
    )
    for metric, axis in zip(metrics, axes[0], strict=True):
        for number, (name, history) in enumerate(histories.items()):
            style = {"color": f"C{number}"}
            for key, part, width, line in (
                (metric, "training", 1.5, "--"),
                (f"val_{metric}", "validation", 3, "-"),
            ):
                if key in history:
                    epochs = range(1, len(history[key]) + 1)
                    label = f"{name}: {part}" if name else part
                    axis.plot(epochs, history[key], line, linewidth=width, label=label, **style)
        axis.set(xlabel="epoch", ylabel=metric.replace("_", " "))
        axis.xaxis.get_major_locator().set_params(integer=True)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    axes[0, 0].figure.legend(handles, labels, loc="outside upper center", ncols=min(len(labels), 4))
    return axes[0]


def model_graph(model, description: str, path: str | Path | None = None) -> None:
    """Draw the layers of a Keras model with their shapes, as SVG in the page.

    Uses the program ``dot`` of graphviz if it is installed, else the package graphviz-pure, which draws the same.

    Args:
        model: a Keras model.
        description: at least one full sentence for readers who cannot see the drawing.
        path: where to write the drawing as PNG, too.
    """
    import keras

    program = shutil.which("dot") or shutil.which("graphviz-pure", path=str(Path(sys.executable).parent))
    if program is None:
        raise RuntimeError("To draw a model, install graphviz-pure: pip install graphviz-pure")
    graph = keras.utils.model_to_dot(model, show_shapes=True, show_layer_names=True, dpi=50)
    drawing = graph.create(prog=program, format="svg").decode()
    drawing = drawing[drawing.index("<svg") :]
    display(HTML(f'<div role="img" aria-label="{html.escape(description)}">{drawing}</div>'))
    if path is not None:
        graph.set("dpi", 150)
        Path(path).write_bytes(graph.create(prog=program, format="png"))


def confusion_matrix(matrix: ArrayLike, classes: Sequence[str]) -> Axes:
    """Draw a confusion matrix: rows are the true classes, columns the predicted ones.

    Args:
        matrix: shape (classes, classes), counts.
        classes: the names, in the order of rows and columns.

    Colors show the mistakes only: on a linear scale the diagonal would drown them.
    """
    matrix = np.asarray(matrix)
    mistakes = matrix.astype(float)
    np.fill_diagonal(mistakes, np.nan)
    side = 0.6 * len(classes) + 1.5
    axis = plt.subplots(figsize=(side + 1, side), layout="constrained")[1]
    image = axis.imshow(mistakes, cmap="Oranges", vmin=0)
    axis.set_facecolor("0.9")
    limit = np.nanmax(mistakes)
    for (row, column), count in np.ndenumerate(matrix):
        dark = row != column and count > 0.6 * limit
        weight = "bold" if row == column else "normal"
        if count or row == column:
            axis.text(
                column,
                row,
                count,
                ha="center",
                va="center",
                color="white" if dark else "black",
                weight=weight,
            )
    axis.set_xticks(range(len(classes)), classes)
    axis.set_yticks(range(len(classes)), classes)
    axis.set(xlabel="predicted class", ylabel="true class")
    axis.figure.colorbar(image, label="mistakes", shrink=0.8, ticks=MaxNLocator(integer=True))
    return axis
