"""Lesson 10: the films of fruits and their leak, and what calibration was measured to do."""

import hashlib
from collections import Counter

import numpy as np
import pytest

from benchmarks import calibration
from helpers import course, datasets
from tools import recipes
from tools.samples.__main__ import FRUIT_FOLDERS
from tools.samples.fruits import CLASSES, turntable


@pytest.fixture(scope="module")
def recipe():
    return recipes.load("10")


# The films


def test_the_set_has_the_layout_of_the_fruits_and_the_same_return_type(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    team, fruits = datasets.turntable_fruits(), datasets.fruits()
    assert (type(team), team.classes, team.source) == (type(fruits), fruits.classes, "sample")
    assert "tools/samples" in team.citation
    for path, count in ((team.path, 54), (team.test_path, 18)):
        counts = {each.name: len(list(each.glob("r_*_100.jpg"))) for each in path.iterdir()}
        assert counts == dict.fromkeys(FRUIT_FOLDERS.values(), count)
    assert not team.report.rejected


def test_a_real_set_in_the_data_folder_does_not_take_its_place(monkeypatch, tmp_path):
    (tmp_path / "fruits-360" / "Training").mkdir(parents=True)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COURSE_DATA", "auto")
    assert datasets.turntable_fruits().source == "sample"


def test_every_frame_belongs_to_one_of_64_films_of_nine_frames():
    films = datasets.films()
    assert len(films) == 576
    assert Counter(films.values()) == dict.fromkeys(range(64), 9)
    kinds = {}
    for name, film in films.items():
        kinds.setdefault(film, set()).add(name.split("/")[1])
    assert all(len(folders) == 1 for folders in kinds.values())


def test_the_leak_is_there_and_no_file_is_there_twice():
    films = datasets.films()
    training = {film for name, film in films.items() if name.startswith("Training/")}
    test = [film for name, film in films.items() if name.startswith("Test/")]
    assert np.mean([film in training for film in test]) > 0.95
    folder = datasets.SAMPLES / "fruits_turntable"
    digests = {hashlib.sha256(path.read_bytes()).digest() for path in folder.rglob("r_*.jpg")}
    assert len(digests) == 576


@pytest.mark.parametrize(("kind", "number"), [("Apple", 0), ("Pear", 7)])
def test_a_film_is_drawn_bit_for_bit_the_same(kind, number):
    frames = turntable.film(kind, number)
    for place, (film, frame) in enumerate(turntable.dealt(kind)):
        if film == number:
            part = "Test" if place < turntable.TEST else "Training"
            path = f"fruits_turntable/fruits-360/{part}/{FRUIT_FOLDERS[kind]}/r_{place}_100.jpg"
            assert frames[frame] == (datasets.SAMPLES / path).read_bytes()


def test_the_list_of_films_is_that_of_the_drawing_program():
    films = datasets.films()
    for kind in CLASSES:
        theirs = {}
        for place, (film, _frame) in enumerate(turntable.dealt(kind)):
            part = "Test" if place < turntable.TEST else "Training"
            theirs.setdefault(film, set()).add(films[f"{part}/{FRUIT_FOLDERS[kind]}/r_{place}_100.jpg"])
        assert all(len(numbers) == 1 for numbers in theirs.values())
        assert len(set.union(*theirs.values())) == turntable.FILMS


def test_a_turn_keeps_lengths():
    turn = turntable._about(np.array([0.6, 0.0, 0.8]), 0.3)
    assert np.allclose(turn @ turn.T, np.eye(3))
    assert np.isclose(np.linalg.det(turn), 1)
    assert np.isclose((np.trace(turn) - 1) / 2, np.cos(0.3))


# Calibration


def overconfident(count=4000, factor=3.0):
    """Logits too far apart by a factor, and labels drawn from what they should have said."""
    random = np.random.default_rng(0)
    logits = random.normal(size=(count, 5)) * 1.5
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return logits * factor, np.array([random.choice(5, p=row) for row in p])


@pytest.mark.parametrize("factor", [0.4, 1.0, 3.0])
def test_the_temperature_that_spoiled_the_logits_is_found(recipe, factor):
    logits, y = overconfident(factor=factor)
    found = recipe.fit_temperature(logits, y)
    tried = np.geomspace(0.1, 10, 2000)
    best = tried[np.argmin([recipe.loss_of(logits, y, t) for t in tried])]
    assert np.isclose(found, best, rtol=0.01)
    assert np.isclose(found, factor, rtol=0.1)


def test_the_calibration_error_is_that_of_the_definition(recipe):
    logits, y = overconfident(300)
    p = recipe.softmax(logits)
    confidence, right, expected = p.max(axis=1), p.argmax(axis=1) == y, 0.0
    for low in np.arange(10) / 10:
        inside = (confidence >= low) & ((confidence < low + 0.1) | (low > 0.85))
        if inside.any():
            expected += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    assert np.isclose(recipe.calibration_error(p, y), expected)
    assert recipe.ruler(p) < recipe.calibration_error(p, y)


def test_a_perfect_network_shows_what_the_ruler_says(recipe):
    logits, y = overconfident(2000, factor=1.0)
    p = recipe.softmax(logits)
    assert abs(recipe.calibration_error(p, y) - recipe.ruler(p)) < 0.01


def test_the_folds_are_stratified_and_each_picture_is_judged_once(recipe):
    y = np.repeat(np.arange(8), 80)
    fold = calibration.dealt(y, 0)
    assert all(np.all(np.bincount(y[fold == number]) == 16) for number in range(calibration.FOLDS))
    assert not np.array_equal(fold, calibration.dealt(y, 1))
    logits, labels = overconfident(200)
    halves = (logits[:100], labels[:100]), (logits[100:], labels[100:])
    figures = calibration.judged(recipe, [(*halves[0], *halves[1]), (*halves[1], *halves[0])])
    assert figures["test_size"] == 200
    assert figures["after"]["calibration_error"] < figures["before"]["calibration_error"]
    assert sum(row[0] for row in figures["before"]["bins"]) == 200


def test_two_logits_give_back_the_probability(recipe):
    p = np.array([0.0, 0.2, 0.5, 0.999, 1.0])
    assert np.allclose(recipe.softmax(calibration.two_logits(p))[:, 1], p, atol=1e-6)


@pytest.mark.parametrize("kind", ["fruits: own network", "cats and dogs: VGG16's features"])
def test_one_temperature_halves_the_error_of_overconfident_networks(kind):
    """The goal of this lesson, on pictures that had no part in the temperature; three seeds."""
    rows = [row for row in course.recorded("calibration") if row["experiment"] == kind]
    assert [row["seed"] for row in rows] == [0, 1, 2]
    before, after = (
        np.mean([row[when]["calibration_error"] for row in rows]) for when in ("before", "after")
    )
    assert after <= before / 2
    assert all(row["test_size"] >= 640 for row in rows)


def test_the_split_by_frame_is_inflated_and_the_split_by_group_is_not():
    rows = course.recorded("10_fruits")
    by = {
        kind: [row for row in rows if row["experiment"] == f"films, split by {kind}"]
        for kind in ("frame", "group")
    }
    own = {kind: np.mean([row["accuracy"] for row in part]) for kind, part in by.items()}
    others = {kind: np.mean([row["on_other_fruits"] for row in part]) for kind, part in by.items()}
    assert own["frame"] > 0.95
    assert abs(own["group"] - others["group"]) < 0.12
    assert abs(others["frame"] - others["group"]) < 0.12
    assert max(own["group"], *others.values()) < 0.55
