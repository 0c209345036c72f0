"""The multiple-choice questions: sound, asked in the lessons, readable without any script."""

import ast
import re
from collections import Counter
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest
from skimage import data

from helpers import filters
from helpers.convolution import correlate2d, max_pool2d
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
def test_the_guide_lists_four_misconceptions_and_each_that_is_asked_about(lesson):
    guide = [pair.think for pair in lesson.misconceptions]
    assert len(guide) >= 4
    for question in questions.of(lesson.number).values():
        assert any(think.startswith(question.misconception) for think in guide), question.misconception


def test_the_place_of_the_right_answer_gives_nothing_away():
    letters = Counter(question.right for _number, question in ALL)
    assert max(letters.values()) < 0.45 * len(ALL), letters
    for lesson in LESSONS:
        assert len({question.right for question in questions.of(lesson.number).values()}) > 1
    longest = [
        len(option.text) == max(len(other.text) for other in question.option)
        for _number, question in ALL
        for option in question.option
        if option.right
    ]
    assert sum(longest) < 0.45 * len(ALL)


def test_no_reason_speaks_of_another_option_by_its_letter():
    for _number, question in ALL:
        for option in question.option:
            assert not re.search(r"\b([Aa]nswer|[Oo]ption) [A-E]\b", option.why), option.why


def test_lesson_01_the_shift_after_pooling():
    photo = data.camera().astype(float)
    before, after = (np.abs(correlate2d(np.roll(photo, by, axis=1), filters.SOBEL_X)) for by in (0, 1))

    def change(size):
        old, new = max_pool2d(before, size), max_pool2d(after, size)
        return round(float(np.sqrt(np.mean((old - new) ** 2)) / old.std()), 2)

    question = questions.of("01")["pooling-shift"]
    assert f"{change(2)} against {change(1)}" in question.option["ABC".index(question.right)].why


def test_lessons_05_and_06_what_keras_does():
    """Random layers rest at inference, `trainable` waits for `compile`, moving averages need no gradient."""
    import keras

    keras.utils.set_random_seed(0)
    pictures, targets = np.random.default_rng(0).uniform(size=(8, 6, 6, 3)), np.zeros((8, 1))
    mirror = keras.Sequential([keras.layers.RandomFlip(), keras.layers.RandomRotation(0.1)])
    assert np.allclose(mirror.predict(pictures, verbose=0), pictures)

    inputs = keras.Input((6, 6, 3))
    base = keras.Sequential([keras.Input((6, 6, 3)), keras.layers.Conv2D(2, 3), keras.layers.Flatten()])
    network = keras.Model(inputs, keras.layers.Dense(1)(base(inputs)))
    network.compile("sgd", "mse")
    for compiled, moves in ((False, True), (True, False)):
        network.fit(pictures, targets, verbose=0)
        base.trainable = False
        if compiled:
            network.compile("sgd", "mse")
        before = base.get_weights()[0]
        network.fit(pictures, targets, verbose=0)
        assert np.any(base.get_weights()[0] != before) == moves
        base.trainable = True

    norm = keras.layers.BatchNormalization()
    norm.build(pictures.shape)
    for training, moves in ((False, False), (True, True)):
        before = norm.moving_mean.numpy()
        norm(pictures, training=training)
        assert np.any(norm.moving_mean.numpy() != before) == moves


class Parts(HTMLParser):
    """Collects the tags of a question, and requires that each is closed in turn."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], Counter()

    def handle_starttag(self, tag, attributes):
        assert not attributes  # no address, no style, no script
        self.seen[tag] += 1
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize(("number", "question"), ALL, ids=NAMES)
def test_it_is_plain_html_that_asks_nobody(number, question):
    parts = Parts()
    parts.feed(question.markdown())
    many = len(question.option)
    assert parts.seen == {"br": many, "details": many, "summary": many}
    assert not parts.open


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


def test_the_bank_holds_every_question_with_its_section_and_misconception():
    parts = questions.bank().split("## Lesson ")[1:]
    assert [part[:2] for part in parts] == [lesson.number for lesson in LESSONS]
    for lesson, part in zip(LESSONS, parts, strict=True):
        assert part.startswith(f"{lesson.number} · {lesson.title}\n")
        blocks = part.split("\n### ")[1:]
        for question, block in zip(questions.of(lesson.number).values(), blocks, strict=True):
            assert re.match(r"\d+ · \S", block), block[:40]
            assert f"Misconception: “{question.misconception}”" in block
            assert question.markdown() in block


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_the_file_has_the_order_of_the_lesson(lesson):
    source = (build.ROOT / "sources/lessons" / f"{lesson.stem}.py").read_text(encoding="utf-8")
    assert re.findall(r"<!-- question ([\w-]+) -->", source) == list(questions.of(lesson.number))


def test_a_question_belongs_to_the_section_it_stands_in():
    source = "# ## 1 · One\n# <!-- question first -->\n# ## 2 · Two\n# ### Part\n# <!-- question second -->\n# ## 3"
    assert questions.section(source, "first") == "1 · One"
    assert questions.section(source, "second") == "2 · Two"
    assert questions.section(source, "third") == ""
