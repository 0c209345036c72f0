"""The multiple-choice questions: sound, asked in the lessons, readable without any script."""

import ast
import re

import nbformat
import numpy as np
import pytest

from tools import build, cutting, manifest, questions

LESSONS = [lesson for lesson in manifest.ready() if questions.of(lesson.number)]
ALL = [(lesson.number, question) for lesson in LESSONS for question in questions.of(lesson.number).values()]
NAMES = [f"{number}-{question.id}" for number, question in ALL]


def test_every_lesson_up_to_07_has_at_least_four():
    counts = {lesson.number: len(questions.of(lesson.number)) for lesson in manifest.ready()}
    assert all(counts[number] >= 4 for number in counts if number <= "07"), counts


@pytest.mark.parametrize(("number", "question"), ALL, ids=NAMES)
def test_a_question_has_one_right_answer_and_a_reason_for_each(number, question):
    assert sum(option.right for option in question.option) == 1
    assert 3 <= len(question.option) <= 5
    assert len({option.text for option in question.option}) == len(question.option)
    for text in (
        question.misconception,
        *(part for option in question.option for part in (option.text, option.why)),
    ):
        assert text.endswith((".", ":", "?")) or re.fullmatch(r"[\d,.]+|[−\d,. ()]+", text), text
    assert all(len(option.why) >= 20 for option in question.option)
    assert question.ask.endswith("?")


@pytest.mark.parametrize(("number", "question"), ALL, ids=NAMES)
def test_its_numbers_are_true(number, question):
    if question.proof:
        assert eval(
            compile(ast.parse(question.proof, mode="eval"), question.id, "eval"), {"np": np, "round": round}
        )


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_the_lesson_asks_each_question_once_and_says_nothing_before(lesson):
    notebook = nbformat.read(build.ROOT / "notebooks" / f"{lesson.stem}.ipynb", 4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for question in questions.of(lesson.number).values():
        assert text.count(f"<!-- question {question.id} -->") == 1
        assert question.markdown() in text
        open_to_all = re.sub(r"<details>.*?</details>", "", question.markdown(), flags=re.S)
        for option in question.option:
            assert option.text in open_to_all
            assert option.why not in open_to_all
        assert "right" not in open_to_all.replace(question.ask, "").split("A ·")[0]


def test_a_saved_notebook_brings_nothing_twice_into_the_source():
    (first, second, *_) = questions.of("01")
    source = f"Before.\n\n<!-- question {first} -->\n\nBetween.\n\n<!-- question {second} -->\n\nAfter."
    once = questions.asked(source, "01")
    assert questions.asked(once, "01") == once
    assert once.count("<details>") == sum(len(questions.of("01")[name].option) for name in (first, second))
    assert "Between." in once


def test_an_unknown_question_is_an_error():
    with pytest.raises(KeyError, match="nowhere"):
        questions.asked("<!-- question nowhere -->", "01")
    assert questions.of("99") == {}
    assert questions.asked("no mark", "99") == "no mark"


def test_two_questions_of_the_same_name_are_refused(tmp_path):
    (tmp_path / "questions").mkdir()
    text = (build.ROOT / "questions/01.toml").read_text(encoding="utf-8")
    one = text[text.index("[[question]]") : text.index("[[question]]", text.index("[[question]]") + 1)]
    (tmp_path / "questions/91.toml").write_text(one + one, encoding="utf-8")
    with pytest.raises(ValueError, match="same id"):
        questions.of("91", tmp_path)


def test_a_slide_shows_the_options_and_then_all_answers_together():
    question = questions.of("01")["layer-weights"]
    kinds = [
        item.kind for item in cutting.text_items(questions.asked("<!-- question layer-weights -->", "01"))
    ]
    assert kinds == ["question", "answer"]
    shown, answers = cutting.text_items(questions.asked("<!-- question layer-weights -->", "01"))
    assert all(option.text in shown.cell.source for option in question.option)
    assert all(option.why in answers.cell.source for option in question.option)
    assert f"{question.right} is right" in answers.cell.source
    assert shown.height >= 5 * cutting.TEXT_LINE  # the question and four options, a line each


def test_the_bank_holds_every_question_with_its_misconception():
    bank = questions.bank()
    for _number, question in ALL:
        assert question.markdown() in bank
        assert question.misconception in bank
