"""Explanations are what they claim, and the checks reject a method that never looks at the network."""

import numpy as np
import pytest
from skimage import filters

from helpers import course, explain

with course.quiet():
    import keras
    from keras import layers

RANDOM = np.random.default_rng(0)
PICTURE = RANDOM.uniform(0, 1, (12, 10, 3)).astype("float32")


def second(answers):
    return answers[:, 1]


def smooth_network(seed=0, activation="softplus"):
    """A small network without kinks, so that a nudge in both directions gives its slope."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((12, 10, 3))
    x = layers.Conv2D(4, 3, padding="same", activation=activation, name="first")(inputs)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Conv2D(5, 3, activation=activation, name="maps")(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(3, name="scores")(x))


def linear_network(weights):
    """A network whose only score is the weighted sum of a picture's numbers."""
    inputs = keras.Input(weights.shape)
    network = keras.Model(inputs, layers.Dense(1, use_bias=False)(layers.Flatten()(inputs)))
    network.set_weights([weights.reshape(-1, 1)])
    return network


def first(answers):
    return answers[:, 0]


def edge_detector(network, picture, target):
    """A fake explanation."""
    return filters.sobel(picture.mean(axis=-1))


# Methods


def nudged(network, picture, step=0.02):
    """The gradient of the second score, by nudging each number to both sides."""
    slopes = np.zeros_like(picture)
    for place in np.ndindex(*picture.shape):
        two = np.stack([picture, picture])
        two[0][place] += step
        two[1][place] -= step
        up, down = explain.scores_of(network, two, second)
        slopes[place] = (up - down) / (2 * step)
    return slopes


def test_gradient_and_saliency_equal_finite_differences():
    network = smooth_network()
    by_hand = nudged(network, PICTURE)
    slopes = explain.gradient(network, PICTURE[None], second)[0]
    assert np.allclose(slopes, by_hand, atol=0.01 * np.abs(by_hand).max())
    saliency = explain.saliency(network, PICTURE, second)
    assert saliency.shape == (12, 10)
    assert np.allclose(saliency, np.abs(by_hand).max(axis=-1), atol=0.01 * np.abs(by_hand).max())


def test_smoothgrad_averages_gradients_before_the_sign_is_lost():
    network = smooth_network(activation="tanh")
    plain = explain.saliency(network, PICTURE, second)
    assert np.allclose(explain.saliency(network, PICTURE, second, samples=3, noise=0), plain, atol=1e-6)
    noisy = explain.saliency(network, PICTURE, second, samples=4, noise=0.5, seed=3)
    copies = PICTURE + 0.5 * np.ptp(PICTURE) * np.random.default_rng(3).standard_normal((4, *PICTURE.shape))
    mean = explain.gradient(network, copies, second).mean(axis=0)
    assert np.allclose(noisy, np.abs(mean).max(axis=-1), atol=1e-5)
    assert not np.allclose(noisy, plain, atol=1e-3)


@pytest.mark.parametrize("frozen", [False, True])
def test_grad_cam_equals_finite_differences(frozen):
    network = smooth_network(activation="tanh")
    network.trainable = not frozen
    upper = keras.Model(network.get_layer("maps").output, network.output)
    lower = keras.Model(network.input, network.get_layer("maps").output)
    maps = np.asarray(lower(PICTURE[None]))
    slopes = np.zeros_like(maps[0])
    for place in np.ndindex(*slopes.shape):
        two = np.concatenate([maps, maps])
        two[0][place] += 0.02
        two[1][place] -= 0.02
        up, down = np.asarray(second(upper(two)))
        slopes[place] = (up - down) / 0.04
    coarse = np.maximum((maps[0] * slopes.mean(axis=(0, 1))).sum(axis=-1), 0)
    expected = np.asarray(keras.ops.image.resize(coarse[..., None], (12, 10)))[..., 0]
    found = explain.grad_cam(network, PICTURE, second, "maps")
    assert coarse.any()
    assert found.shape == (12, 10)
    assert np.allclose(found, expected, atol=0.01 * np.abs(expected).max())


def test_grad_cam_needs_a_layer_with_places():
    with pytest.raises(ValueError, match="scores gives"):
        explain.grad_cam(smooth_network(), PICTURE, second, "scores")
    with pytest.raises(ValueError, match="No such layer"):
        explain.grad_cam(smooth_network(), PICTURE, second, "nothing")


@pytest.mark.parametrize(("size", "stride", "fill"), [(4, 3, None), (3, 3, (0, 0.5, 1)), (10, 4, 0)])
def test_occlusion_of_a_linear_score_is_known(size, stride, fill):
    weights = RANDOM.normal(size=PICTURE.shape).astype("float32")
    color = PICTURE.mean(axis=(0, 1)) if fill is None else np.array(fill)
    worth = (weights * (PICTURE - color)).sum(axis=-1)  # of each pixel
    total, count = np.zeros((12, 10)), np.zeros((12, 10))
    rows = [*range(0, 12 - size, stride), 12 - size]
    columns = [*range(0, 10 - size, stride), 10 - size]
    for row in rows:
        for column in columns:
            window = (slice(row, row + size), slice(column, column + size))
            total[window] += worth[window].sum()
            count[window] += 1
    found = explain.occlusion(linear_network(weights), PICTURE, first, size, stride, fill)
    assert np.allclose(found, total / np.maximum(count, 1), atol=1e-4)


REGIONS = np.arange(6).reshape(3, 2).repeat(4, 0).repeat(5, 1)  # of 4×5 pixels


def planted(region):
    """A network that looks at one region only."""
    weights = np.zeros(PICTURE.shape, dtype="float32")
    weights[region == REGIONS] = 0.1
    return linear_network(weights)


BRIGHT = np.ones(PICTURE.shape, dtype="float32")


@pytest.mark.parametrize("region", range(6))
def test_lime_finds_the_planted_superpixel(region):
    found = explain.lime_weights(planted(region), BRIGHT, first, REGIONS, samples=200, fill=0)
    assert found.argmax() == region
    others = np.delete(found, region)
    assert np.abs(others).max() < 0.1 * found[region]
    exact = explain.lime_weights(planted(region), BRIGHT, first, REGIONS, samples=200, fill=0, ridge=1e-9)
    assert exact[region] == pytest.approx(0.1 * 4 * 5 * 3, rel=1e-3)
    assert np.abs(np.delete(exact, region)).max() < 1e-3


def test_lime_takes_a_constant_for_what_it_is():
    plain = explain.lime_weights(planted(3), BRIGHT, first, REGIONS, samples=100, fill=0)
    higher = explain.lime_weights(planted(3), BRIGHT, lambda a: first(a) + 100, REGIONS, samples=100, fill=0)
    assert higher == pytest.approx(plain, abs=1e-3)


def test_lime_prefers_copies_near_the_picture():
    """The score of an empty region counts only where nearly all others are present."""
    network = planted(0)
    narrow, wide = (
        explain.lime_weights(
            network, BRIGHT, lambda a: first(a) ** 2, REGIONS, samples=300, fill=0, width=width, ridge=0.1
        )
        for width in (0.05, 5)
    )
    assert narrow.argmax() == wide.argmax() == 0
    assert narrow[0] != pytest.approx(wide[0], rel=1e-4)


def test_kept_regions_and_the_color_of_the_others():
    present = np.array([[True] * 6, [False, True, True, True, True, True]])
    whole, without = explain.kept(PICTURE, REGIONS, present, fill=(1, 2, 3))
    assert np.array_equal(whole, PICTURE)
    assert (without[:4, :5] == (1, 2, 3)).all()
    assert np.array_equal(without[4:], PICTURE[4:])
    mean = explain.kept(PICTURE, REGIONS, ~present[:1])[0]
    assert np.allclose(mean, PICTURE.mean(axis=(0, 1)), atol=1e-6)


# Checks


def test_scrambling_shuffles_and_leaves_the_original():
    network = smooth_network()
    before = [weight.copy() for weight in network.get_weights()]
    copy = explain.scrambled(network, seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(before, network.get_weights(), strict=True))
    for old, new in zip(before, copy.get_weights(), strict=True):
        assert np.array_equal(np.sort(old, None), np.sort(new, None))
        assert np.array_equal(old, new) == (old.ndim == 1)  # biases stay
    again, other = explain.scrambled(network, 1), explain.scrambled(network, 2)
    assert np.array_equal(copy.get_weights()[0], again.get_weights()[0])
    assert not np.array_equal(copy.get_weights()[0], other.get_weights()[0])


@pytest.mark.parametrize("last", [0, 1, 2, 3])
def test_scrambling_the_last_layers(last):
    network = smooth_network()
    copy = explain.scrambled(network, 0, last)
    changed = [
        not np.array_equal(old, new)
        for old, new in zip(network.get_weights()[::2], copy.get_weights()[::2], strict=True)
    ]
    assert changed == [False] * (3 - last) + [True] * last


METHODS = {
    "saliency": explain.saliency,
    "SmoothGrad": lambda n, p, t: explain.saliency(n, p, t, 8, 0.1),
    "occlusion": lambda n, p, t: explain.occlusion(n, p, t, 3, 2),
    "LIME": lambda n, p, t: explain.lime_weights(n, p, t, REGIONS, 100)[REGIONS],
}


@pytest.mark.parametrize("name", METHODS)
def test_real_methods_depend_on_the_weights(name):
    network = smooth_network(activation="tanh")
    assert explain.depends_on_weights(METHODS[name], network, PICTURE, second, seeds=range(6))


def test_an_edge_detector_does_not_depend_on_the_weights():
    network = smooth_network(activation="tanh")
    correlations = explain.scrambled_correlations(edge_detector, network, PICTURE, second)
    assert correlations == pytest.approx(1)
    assert not explain.depends_on_weights(edge_detector, network, PICTURE, second)


def test_a_map_that_only_changes_its_sign_does_not_depend_on_the_weights():
    network = smooth_network(activation="tanh")

    def sign_only(asked, picture, target):
        return edge_detector(asked, picture, target) * (1 if asked is network else -1)

    assert not explain.depends_on_weights(sign_only, network, PICTURE, second)


def with_edges_elsewhere():
    """A picture that is bright and even where the planted network looks, and striped elsewhere."""
    picture = np.zeros(PICTURE.shape, dtype="float32")
    picture[4:, ::2] = 1
    picture[:4, :5] = 0.9
    return picture


@pytest.mark.parametrize("name", METHODS)
def test_methods_that_find_the_planted_region_beat_chance(name):
    assert explain.beats_chance(METHODS[name], planted(0), with_edges_elsewhere(), first, REGIONS)


def test_an_edge_detector_does_not_beat_chance_where_the_edges_are_elsewhere():
    assert not explain.beats_chance(edge_detector, planted(0), with_edges_elsewhere(), first, REGIONS)


def test_deletion_and_insertion_start_and_end_where_they_should():
    network, order = planted(2), [3, 2, 0, 1, 4, 5]
    deleted = explain.deletion_curve(network, BRIGHT, first, REGIONS, order, fill=0)
    inserted = explain.deletion_curve(network, BRIGHT, first, REGIONS, order, insert=True, fill=0)
    assert deleted == pytest.approx([6, 6, 0, 0, 0, 0, 0], abs=1e-4)
    assert inserted == pytest.approx([0, 0, 6, 6, 6, 6, 6], abs=1e-4)


def test_rank_correlation_sees_the_order_only():
    values = RANDOM.normal(size=(5, 6))
    assert explain.rank_correlation(values, np.exp(3 * values)) == pytest.approx(1)
    assert explain.rank_correlation(values, -values) == pytest.approx(-1)
    assert explain.rank_correlation(values, np.ones((5, 6))) == 0
    assert explain.rank_correlation(np.zeros((5, 6)), values) == 0


def test_region_means_and_the_share_inside_a_mask():
    means = explain.region_means(np.arange(120.0).reshape(12, 10), REGIONS)
    assert means[0] == np.arange(120.0).reshape(12, 10)[:4, :5].mean()
    mask = np.zeros((2, 2), dtype=bool)
    mask[0] = True
    assert explain.share_inside(np.array([[3.0, -9], [1, 0]]), mask) == 0.75
    assert explain.share_inside(np.array([[-3.0, -9], [0, 0]]), mask) == 0.5


def test_many_pictures_are_asked_in_parts():
    network = planted(1)
    pictures = RANDOM.uniform(size=(2 * explain.BATCH + 3, *PICTURE.shape)).astype("float32")
    expected = 0.1 * pictures[:, :4, 5:].sum(axis=(1, 2, 3))
    assert explain.scores_of(network, pictures, first) == pytest.approx(expected, rel=1e-4)
