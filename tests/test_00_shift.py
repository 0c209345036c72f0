"""Off-center digits: how they are moved, and what the record of lesson 00's network says."""

import numpy as np

from benchmarks import mnist_shift
from helpers import course


def test_digits_move_to_the_right_and_black_comes_in():
    images = np.arange(1, 2 * 3 * 4 + 1).reshape(2, 3, 4, 1)
    moved = mnist_shift.shift_right(images, 1)
    assert moved.shape == images.shape
    assert not moved[:, :, 0].any()
    assert np.array_equal(moved[:, :, 1:], images[:, :, :-1])
    assert np.array_equal(mnist_shift.shift_right(images, 0), images)


def test_the_record_holds_five_networks_of_each_kind():
    rows = course.recorded("mnist_shift")
    for kind in mnist_shift.USED:
        chosen = [row for row in rows if row["experiment"] == kind]
        assert [row["seed"] for row in chosen] == list(mnist_shift.SEEDS)
        assert all(len(row["by_shift"]) == len(mnist_shift.SHIFTS) for row in chosen)
        assert all(row["accuracy"] == row["by_shift"][0] for row in chosen)


def test_the_dense_network_reads_centered_digits_and_fails_beside_the_center():
    curves = [row["by_shift"] for row in course.recorded("mnist_shift") if row["experiment"] == "MLP"]
    assert np.mean(curves, axis=0)[0] >= 0.94
    assert np.max(curves, axis=0)[6] < 0.4
