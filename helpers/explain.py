"""Maps that say which part of a picture a network's answer depends on, and the checks that such a map must pass.

Lesson 09 builds each of them. A method takes a network, a picture of shape (height, width, channels) and a target, and
returns a map of shape (height, width). The target turns the network's answers, shape (pictures, classes), into one
score for each picture, for example ``lambda answers: answers[:, 3]``. Give the methods networks without a final softmax
or sigmoid, where gradients would vanish.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import keras

Map = NDArray[np.floating]
Target = Callable[[Any], Any]
Method = Callable[[Any, NDArray, Target], Map]

BATCH = 32  # pictures that a network is asked at a time
LIKE = 0.5  # a map that correlates more than that with a scrambled network's says nothing of what was learned


# --- Methods that look into the network ---------------------------------------------------------------------------


def gradient(network: keras.Model, pictures: ArrayLike, target: Target) -> NDArray[np.float32]:
    """Return how fast the score of each picture rises with each of its numbers: the shape of ``pictures``."""
    import tensorflow as tf

    x = tf.convert_to_tensor(np.asarray(pictures, dtype="float32"))
    with tf.GradientTape() as tape:
        tape.watch(x)
        scores = target(network(x, training=False))
    return tape.gradient(scores, x).numpy()


def saliency(
    network: keras.Model,
    picture: NDArray,
    target: Target,
    samples: int = 1,
    noise: float = 0.0,
    seed: int = 0,
) -> Map:
    """Return the largest slope over the channels of each pixel, without its sign.

    Args:
        samples: more than one makes it SmoothGrad: the gradient is averaged over that many noisy copies.
        noise: standard deviation of the noise, as a share of the picture's range.
    """
    spread = noise * float(np.ptp(picture))
    random = np.random.default_rng(seed)
    noisy = picture + spread * random.standard_normal((samples, *picture.shape))
    return np.abs(gradient(network, noisy, target).mean(axis=0)).max(axis=-1)


def grad_cam(network: keras.Model, picture: NDArray, target: Target, layer: str) -> Map:
    """Return Grad-CAM: a layer's maps, weighted by their mean gradients, added up, the negative part cut off.

    Raises:
        ValueError: if there is no such layer, or its output has no height and width.
    """
    import keras
    import tensorflow as tf

    outputs = network.get_layer(layer).output
    if len(outputs.shape) != 4:
        raise ValueError(f"{layer} gives {outputs.shape}: Grad-CAM needs a layer with height and width.")
    both = keras.Model(network.input, [outputs, network.output])
    x = tf.convert_to_tensor(np.asarray(picture[None], dtype="float32"))
    with tf.GradientTape() as tape:
        tape.watch(x)
        maps, answers = both(x, training=False)
        scores = target(answers)
    weights = tf.reduce_mean(tape.gradient(scores, maps), axis=(1, 2), keepdims=True)
    coarse = tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1, keepdims=True))
    return tf.image.resize(coarse, picture.shape[:2])[0, ..., 0].numpy()


# --- Methods that only ask ----------------------------------------------------------------------------------------


def scores_of(network: keras.Model, pictures: ArrayLike, target: Target) -> NDArray[np.floating]:
    """Return one score for each picture."""
    pictures = np.asarray(pictures, dtype="float32")
    starts = range(0, len(pictures), BATCH)
    answers = [np.asarray(network(pictures[at : at + BATCH], training=False)) for at in starts]
    return np.asarray(target(np.concatenate(answers)))


def occlusion(
    network: keras.Model,
    picture: NDArray,
    target: Target,
    size: int = 16,
    stride: int = 8,
    fill: ArrayLike | None = None,
) -> Map:
    """Return how much the score falls when a square covers a pixel, averaged over the squares that do.

    Args:
        size: side of the square, which must fit into the picture.
        stride: how far the square moves; the last one ends at the border.
        fill: color of the square; None for the picture's mean.
    """
    height, width = picture.shape[:2]
    color = picture.mean(axis=(0, 1)) if fill is None else np.asarray(fill)
    rows, columns = (sorted({*range(0, side - size, stride), side - size}) for side in (height, width))
    corners = [(row, column) for row in rows for column in columns]
    covered = np.repeat(picture[None].astype("float32"), len(corners) + 1, axis=0)
    for number, (row, column) in enumerate(corners):
        covered[number, row : row + size, column : column + size] = color
    scores = scores_of(network, covered, target)
    total, count = np.zeros((height, width)), np.zeros((height, width))
    for (row, column), score in zip(corners, scores[:-1], strict=True):
        total[row : row + size, column : column + size] += scores[-1] - score
        count[row : row + size, column : column + size] += 1
    return total / np.maximum(count, 1)


def kept(picture: NDArray, regions: NDArray, present: NDArray, fill: ArrayLike | None = None) -> NDArray:
    """Return copies of a picture in which only some regions are kept, the others get one color.

    Args:
        regions: shape (height, width), numbers of the regions from 0.
        present: shape (copies, regions), true where a region is kept.
        fill: color of the others; None for the picture's mean.
    """
    color = np.asarray(picture.mean(axis=(0, 1)) if fill is None else fill, dtype="float32")
    return np.where(present.astype(bool)[:, regions][..., None], picture.astype("float32"), color)


def lime_weights(
    network: keras.Model,
    picture: NDArray,
    target: Target,
    regions: NDArray,
    samples: int = 500,
    fill: ArrayLike | None = None,
    seed: int = 0,
    width: float = 0.25,
    ridge: float = 1.0,
) -> NDArray[np.float64]:
    """Return for each region how much it adds to the score, by a weighted linear model (LIME).

    Args:
        regions: shape (height, width), numbers of the regions from 0.
        samples: copies of the picture in which each region is kept with probability ½.
        width: of the kernel that makes copies near the whole picture count more.
        ridge: how strongly large weights are punished.
    """
    count = int(regions.max()) + 1
    present = np.random.default_rng(seed).random((samples, count)) < 0.5
    present[0] = True
    scores = scores_of(network, kept(picture, regions, present, fill), target)
    away = 1 - np.sqrt(present.mean(axis=1))  # from the whole picture: one minus the cosine
    near = np.exp(-((away / width) ** 2))
    with_one = np.column_stack([present, np.ones(samples)])  # the last column stands for the constant
    punished = ridge * np.diag([*np.ones(count), 0.0])
    weighted = with_one * near[:, None]
    return np.linalg.solve(with_one.T @ weighted + punished, weighted.T @ scores)[:-1]


# --- Checks -------------------------------------------------------------------------------------------------------


def region_means(values: Map, regions: NDArray) -> NDArray[np.float64]:
    """Return the mean of a map over each region."""
    counts = np.bincount(regions.ravel())
    return np.bincount(regions.ravel(), weights=values.ravel()) / np.maximum(counts, 1)


def scrambled(network: keras.Model, seed: int, last: int | None = None) -> keras.Model:
    """Return a copy in which the numbers of each kernel are shuffled.

    Args:
        last: only the kernels of that many layers, counted from the output; None for all.
    """
    import keras

    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    random = np.random.default_rng(seed)
    with_kernel = [layer for layer in copy.layers if hasattr(layer, "kernel")]
    for layer in with_kernel if last is None else with_kernel[len(with_kernel) - last :]:
        numbers = np.asarray(layer.kernel)
        layer.kernel.assign(random.permutation(numbers.ravel()).reshape(numbers.shape))
    return copy


def rank_correlation(one: Map, other: Map) -> float:
    """Return Spearman's correlation of two maps; 0 if one of them is the same everywhere."""
    from scipy.stats import spearmanr

    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(spearmanr(one.ravel(), other.ravel()).statistic)


def scrambled_correlations(
    method: Method, network: keras.Model, picture: NDArray, target: Target, seeds: Sequence[int] = (0, 1, 2)
) -> NDArray[np.float64]:
    """Return how much a method's map is like the map it draws for a scrambled network, once for each seed."""
    own = method(network, picture, target)
    others = [method(scrambled(network, seed), picture, target) for seed in seeds]
    return np.array([rank_correlation(own, other) for other in others])


def depends_on_weights(
    method: Method, network: keras.Model, picture: NDArray, target: Target, seeds: Sequence[int] = (0, 1, 2)
) -> bool:
    """Return whether a method passes the check of Adebayo et al. (2018): other weights give another map."""
    correlations = scrambled_correlations(method, network, picture, target, seeds)
    return bool(np.abs(correlations).mean() < LIKE)


def deletion_curve(
    network: keras.Model,
    picture: NDArray,
    target: Target,
    regions: NDArray,
    order: Sequence[int] | NDArray[np.integer],
    insert: bool = False,
    fill: ArrayLike | None = None,
) -> NDArray[np.floating]:
    """Return the score after 0, 1, 2 … regions are taken away in this order, or added to an empty picture."""
    present = np.ones((len(order) + 1, int(regions.max()) + 1), dtype=bool)
    for step, region in enumerate(order, start=1):
        present[step:, region] = False
    return scores_of(network, kept(picture, regions, ~present if insert else present, fill), target)


def beats_chance(
    method: Method, network: keras.Model, picture: NDArray, target: Target, regions: NDArray, orders: int = 19
) -> bool:
    """Return whether the score falls on average as low as in the best of many random orders, or lower.

    The regions are taken away one by one, the one with the largest mean of the method's map first. With 19 orders an
    arbitrary map passes in one case of 20.
    """
    count = int(regions.max()) + 1
    own_order = np.argsort(-region_means(method(network, picture, target), regions), kind="stable")
    random = np.random.default_rng(0)
    several = [own_order, *(random.permutation(count) for _ in range(orders))]
    own, *by_chance = [
        float(deletion_curve(network, picture, target, regions, order).mean()) for order in several
    ]
    return own <= min(by_chance) + 1e-6 * np.ptp(by_chance)


def share_inside(values: Map, mask: NDArray) -> float:
    """Return which share of a map's positive part lies inside a mask; the mask's own share if nothing is positive."""
    positive = np.maximum(values, 0)
    return (
        float(positive[mask.astype(bool)].sum() / positive.sum()) if positive.any() else float(np.mean(mask))
    )
