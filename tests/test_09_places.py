"""The drawn animals at two places: what the lesson about a cheating network relies on."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers import datasets
from helpers.datasets.places import FOLDER
from tools.samples import places

PARTS = ("training", "validation", "usual", "swapped")


@pytest.fixture(scope="module")
def animals():
    return datasets.pets_in_places()


def test_shapes_and_counts(animals):
    for name, count in zip(PARTS, (600, 120, 120, 120), strict=True):
        part = getattr(animals, name)
        assert part.pictures.shape == (count, 64, 64, 3)
        assert part.pictures.dtype == np.uint8
        assert part.masks.shape == (count, 64, 64)
        assert part.masks.dtype == bool
        assert np.bincount(part.labels).tolist() == [count // 2, count // 2]
        assert 0.2 < part.labels[: count // 2].mean() < 0.8  # in mixed order
    assert animals.rooms.shape == animals.gardens.shape == (40, 64, 64, 3)


def greenness(pictures, masks):
    """How much greener than red and blue the surroundings are on average."""
    values = pictures.astype(float)
    green = values[..., 1] - (values[..., 0] + values[..., 2]) / 2
    return np.array([one[~mask].mean() for one, mask in zip(green, masks, strict=True)])


@pytest.mark.parametrize("part", PARTS)
def test_the_place_goes_with_the_kind_and_is_swapped_in_one_part(animals, part):
    pictures, labels, masks = getattr(animals, part)
    green = greenness(pictures, masks)
    dogs_greener = green[labels == 1].mean() - green[labels == 0].mean()
    assert dogs_greener < -12 if part == "swapped" else dogs_greener > 12


def test_the_same_animals_stand_at_both_places(animals):
    same = animals.usual.masks == animals.swapped.masks
    assert same.mean() > 0.99
    assert np.array_equal(animals.usual.labels, animals.swapped.labels)
    assert not np.array_equal(animals.usual.pictures, animals.swapped.pictures)


def test_animals_of_two_parts_are_different(animals):
    known = {mask.tobytes() for mask in animals.training.masks}
    assert len(known) == 600
    assert not known & {mask.tobytes() for part in PARTS[1:] for mask in getattr(animals, part).masks}


def test_the_sample_is_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_200_000


@pytest.mark.parametrize(("part", "place"), [("training", 0), ("swapped", 61), ("garden", 3)])
def test_a_picture_is_drawn_again_as_it_is_stored(part, place):
    drawn = places.drawn(places.jobs()[part][place])
    sheet = np.asarray(Image.open(FOLDER / f"{part}.jpg"))
    row, column = divmod(place, places.COLUMNS)
    window = (slice(64 * row, 64 * row + 64), slice(64 * column, 64 * column + 64))
    file = io.BytesIO()
    Image.fromarray(drawn[..., :3]).save(file, "JPEG", quality=places.QUALITY)
    again = np.asarray(Image.open(file)).astype(float)
    assert np.abs(again - sheet[window]).mean() < 3
    if part in places.PARTS:
        mask = np.asarray(Image.open(FOLDER / f"{part}_masks.png"))[window]
        assert np.mean(mask == (drawn[..., 3] > 0)) > 0.99
