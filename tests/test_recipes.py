"""Recipes stand once, in the lessons: what is loaded, what their digest sees, and what lint says when one changes."""

import json

import numpy as np
import pytest

from tools import build, lint, recipes

CELL = '''
RATE = 0.1
EPOCHS = course.budget(full=20, reduced=2)


def build(side):
    """Build."""
    return helper(side) * RATE + EPOCHS  # a comment


def helper(side):
    return side + 1


def other():
    return 3
'''


def changed(old, new, names=("build",)):
    """Return whether replacing a text in the cell changes the digest of the named definitions."""
    assert old in CELL
    return recipes.digest([CELL], list(names)) != recipes.digest([CELL.replace(old, new)], list(names))


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        ("# a comment", "# another", False),
        ('"""Build."""', '"""Build something."""', False),
        ("\n\n\n", "\n\n", False),
        ("* RATE", "/ RATE", True),
        ("RATE = 0.1", "RATE = 0.2", True),  # used by build
        ("side + 1", "side + 2", True),  # used by what build uses
        ("return 3", "return 4", False),  # not used
        ("full=20", "full=30", True),
        ("reduced=2)", "reduced=1)", False),  # rows are measured in full
    ],
)
def test_the_digest_sees_what_may_change_the_result(old, new, differs):
    assert changed(old, new) is differs


def test_the_digest_depends_on_what_was_named_and_not_on_the_cells():
    first, second = CELL.split("def helper")
    assert recipes.digest([CELL], ["build"]) == recipes.digest([first, "def helper" + second], ["build"])
    assert recipes.digest([CELL], ["build"]) != recipes.digest([CELL], ["other"])
    with pytest.raises(KeyError):
        recipes.digest([CELL], ["unknown"])


@pytest.mark.parametrize(
    "statement", ["model = build(3)", "print(1)", "x, Y = (1, 2)", "for n in []:\n    pass", "A.b = 1"]
)
def test_only_definitions_belong_into_a_recipe(statement):
    assert recipes.misplaced(CELL + "\nimport math\nfrom math import pi\n") == []
    assert recipes.misplaced(f"{CELL}\n{statement}") == [statement.splitlines()[0]]


def test_a_recipe_computes_with_the_data_it_is_given():
    digits = {"images": np.zeros((64, 28, 28, 1), "float32"), "labels": np.zeros(64, int)}
    recipe = recipes.load("03", **digits)
    model = recipe.build_model()
    assert model.count_params() == 104_202
    optimizer = recipe.falling_adam(2)
    assert (
        optimizer.get_config()["learning_rate"]["config"]["decay_steps"] == 2
    )  # one batch of 64, two epochs
    assert set(recipe.RECIPES) == {"plain", "augmentation", "dropout", "falling rate", "all three"}
    assert {recipe.build_variant(*remedies[:2]).count_params() for remedies in recipe.RECIPES.values()} == {
        104_202
    }  # augmentation and dropout learn nothing


def test_setting_a_name_changes_what_the_functions_see():
    recipe = recipes.load("05")
    recipe.augmentation_layers = lambda: []
    assert recipe.build_network(True, 32).input_shape == (None, 32, 32, 3)
    names = [type(layer).__name__ for layer in recipe.build_network(True).layers]
    assert not any(name.startswith("Random") for name in names)


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    """A results folder with two rows, both measured with the recipe as it is."""
    (tmp_path / "results").mkdir()
    rows = [{"experiment": "new", **recipes.mark("03 build_model")}, {"experiment": "without a recipe"}]
    path = tmp_path / "results" / "some.json"
    path.write_text(json.dumps(rows))
    monkeypatch.setattr(build, "ROOT", tmp_path)
    return path


def test_lint_asks_to_measure_again_when_a_recipe_has_changed(ledger, monkeypatch):
    assert list(lint.result_problems()) == []
    edited = [cell.replace("128", "127") for cell in recipes.cells("03")]
    monkeypatch.setattr(recipes, "cells", lambda _number: edited)
    assert list(lint.result_problems()) == [
        "results/some.json: the recipe of 'new' has changed since; measure it again"
    ]


def test_a_row_without_its_digest_is_reported(ledger):
    rows = json.loads(ledger.read_text())
    del rows[0]["recipe_sha256"]
    ledger.write_text(json.dumps(rows))
    assert len(list(lint.result_problems())) == 1


def test_lint_asks_to_measure_again_when_a_recipe_is_gone(ledger, monkeypatch):
    monkeypatch.setattr(recipes, "cells", lambda _number: ["def other():\n    return 1\n"])
    assert list(lint.result_problems()) == [
        "results/some.json: the recipe of 'new' has changed since; measure it again"
    ]


def test_every_accuracy_of_a_network_names_its_recipe(root):
    """What was trained is known for each row; only linear models and the network that measures samples have none."""
    for path in set((root / "results").glob("*.json")) - {root / "results/samples.json"}:
        rows = json.loads(path.read_text(encoding="utf-8"))
        for row in rows if isinstance(rows, list) else []:
            if "accuracy" in row:
                assert "recipe" in row or row["experiment"].startswith("linear"), (
                    path.name,
                    row["experiment"],
                )
