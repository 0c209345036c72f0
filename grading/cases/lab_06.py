"""Hidden cases of lab 06, pretrained networks."""

from __future__ import annotations

from typing import Any

from numpy.random import Generator

from grading.cases.draw import size


def vgg_input(rng: Generator) -> list[tuple]:
    """8-bit pictures of several shapes."""
    shapes = [(2, 4, size(rng, 5, 7), 3), (1, size(rng, 5, 7), 3, 3)]
    return [(rng.integers(0, 256, shape).astype("uint8"),) for shape in shapes]


def stack_parameters(rng: Generator) -> list[tuple]:
    """Stacks of two to five convolutions."""
    return [
        ([int(first), *(int(n) for n in rng.integers(4, 70, count))],)
        for first, count in ((3, 2), (3, 3), (1, 4), (2, 5))
    ]


def feature_shape(rng: Generator) -> list[tuple]:
    """Sides that 32 does not divide, and that differ by more than one step."""
    return [(32 * a + size(rng, 9, 31), 32 * b + size(rng, 9, 31)) for a, b in ((5, 8), (2, 4), (9, 7))]


def relative_changes(rng: Generator) -> list[tuple]:
    """Kernels and biases of several shapes; some move more than others."""
    cases = []
    for shapes in [[(3, 3, 2, 4), (4,)], [(5, 2), (2,), (3, 3, 1, 1)]]:
        before = [rng.normal(size=shape) for shape in shapes]
        after = [a + 0.1 * (n + 1) * rng.normal(size=a.shape) for n, a in enumerate(before)]
        cases.append((before, after))
    return cases


def _base(rng: Generator, convolutions: int, filters: int) -> Any:
    import keras

    x = inputs = keras.Input((32, 32, 3))
    for number in range(convolutions):
        start = keras.initializers.GlorotUniform(seed=size(rng, 0, 10_000))
        x = keras.layers.Conv2D(filters, 3, padding="same", kernel_initializer=start, name=f"conv_{number}")(
            x
        )
    return keras.Model(inputs, keras.layers.MaxPooling2D(name="pool")(x), name="base")


def release_last(rng: Generator) -> list[tuple]:
    """A base in which nothing could learn, and one in which everything could."""
    frozen, free = _base(rng, size(rng, 4, 5), 4), _base(rng, size(rng, 5, 6), 3)
    frozen.trainable = False
    return [(frozen, 2), (free, size(rng, 3, 4))]


def whole_network(rng: Generator) -> list[tuple]:
    """A small base."""
    return [(_base(rng, size(rng, 3, 4), 4),)]
