"""Answers that are Keras models: they travel as data, are rebuilt, and are judged as in the labs."""

import importlib
import json

import pytest

EXERCISES = [("03", "changed_model"), ("05", "augmenter"), ("06", "release_last"), ("06", "whole_network")]


@pytest.fixture
def parts(monkeypatch, root):
    """The modules as they lie beside a student's code and beside the judge."""
    monkeypatch.syspath_prepend(str(root / "grading"))
    return {name: importlib.import_module(name) for name in ("wire", "models", "judge", "worker")}


def _judged(parts, exercise, function):
    """Return what is wrong with the first answer that is wrong, after the way through JSON; None if all are right."""
    theirs, ours = exercise._calls(), exercise._calls()
    for call, own in zip(theirs, ours, strict=True):
        answer = function(*call)
        reply = {"answer": parts["wire"].encode(answer), "same": parts["worker"]._same(answer, call)}
        reply = json.loads(parts["wire"].dumps(reply))
        model, arguments = parts["judge"]._model(parts["wire"].decode(reply["answer"]), own, reply["same"])
        if problem := exercise.judge(model, *arguments):
            return problem
    return None


@pytest.mark.parametrize(("number", "name"), EXERCISES)
def test_models_are_judged_as_in_the_lab(parts, number, name):
    exercise = parts["judge"].exercise_of(number, name)
    assert _judged(parts, exercise, exercise.solution) is None
    for kind, function in exercise.right.items():
        assert _judged(parts, exercise, function) is None, kind
    for hint, function in exercise.likely_mistakes()[::3]:  # all were tried once; a third is enough each time
        assert hint in (_judged(parts, exercise, function) or ""), hint


def test_a_layer_of_one_s_own_needs_a_look(parts):
    import keras

    class Own(keras.layers.Layer):
        def call(self, inputs):
            return inputs

    for layer in (Own(), keras.layers.Lambda(lambda x: x)):
        model = keras.Sequential([keras.Input((28, 28, 1)), layer])
        reply = {"answer": json.loads(json.dumps(parts["wire"].encode(model)))}
        about = {"lab": "03", "name": "changed_model", "seed": 1, "parameters": []}
        outcome = parts["judge"].verdict({**about, "replies": [reply]})
        assert outcome["passed"] is False
        assert outcome["review"] is True


def test_a_base_with_other_weights_is_not_the_base(parts):
    exercise = parts["judge"].exercise_of("06", "whole_network")

    def replaced(base):
        model = exercise.solution(base)
        base.set_weights([weight * 0 for weight in base.get_weights()])
        return model

    assert "the base is not one layer of the model" in _judged(parts, exercise, replaced)
