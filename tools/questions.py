"""Multiple-choice questions about misconceptions: data in questions/NN.toml, shown in lessons, slides and on the site.

A lesson asks one with a line of Markdown of its own:

    <!-- question layer-weights -->

``tools.build`` puts the question below that line. What is to be said of each option is folded: opening it says at once
whether it is right, and why somebody might think so. That is plain HTML: it needs no kernel, no script and no network,
works with a keyboard and a screen reader, and can be read on GitHub and in print.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tools import manifest
from tools.manifest import ROOT

# a notebook that was saved in JupyterLab brings the whole question back into the source: it is replaced, too
MARK = re.compile(
    r"^<!-- question ([\w-]+) -->(?:(?:(?!<!-- question).)*?<!-- end of question -->)?$", re.M | re.S
)
LETTERS = "ABCDE"


@dataclass(frozen=True)
class Option:
    """One answer: its text, why somebody gives it and what is true, and whether it is the right one."""

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """One question; ``proof`` is a Python expression with ``np`` that must be true, or empty."""

    id: str
    misconception: str
    ask: str
    option: tuple[Option, ...]
    proof: str = ""

    @property
    def right(self) -> str:
        """The letter of the right option."""
        return next(letter for letter, option in zip(LETTERS, self.option, strict=False) if option.right)

    def markdown(self) -> str:
        """Return the question with its options, and below each letter, folded, what is to be said of it."""
        lettered = list(zip(LETTERS, self.option, strict=False))
        lines = "".join(f"<br>\n{letter} · {option.text}" for letter, option in lettered)
        answers = [
            f"<details><summary>My answer is {letter}</summary>\n\n**{letter} is {verdict}.** {option.why}\n</details>"
            for letter, option in lettered
            for verdict in ("right" if option.right else "wrong",)
        ]
        return f"**Question for you.** {self.ask}{lines}\n\n" + "\n".join(answers)


def of(number: str, root: Path = ROOT) -> dict[str, Question]:
    """Return the questions of a lesson by their id, in order; empty if it has none."""
    path = root / "questions" / f"{number}.toml"
    if not path.is_file():
        return {}
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["question"]
    found = {}
    for entry in entries:
        options = tuple(Option(**option) for option in entry["option"])
        found[entry["id"]] = Question(**{**entry, "option": options})
    if len(found) < len(entries):
        raise ValueError(f"{path.name}: two questions have the same id.")
    return found


def asked(markdown: str, number: str, root: Path = ROOT) -> str:
    """Return a lesson's Markdown with each question in the place of its mark.

    Raises:
        KeyError: if the lesson has no such question.
    """
    known = of(number, root)

    def block(mark: re.Match[str]) -> str:
        name = mark.group(1)
        return f"<!-- question {name} -->\n\n{known[name].markdown()}\n\n<!-- end of question -->"

    return MARK.sub(block, markdown)


def section(source: str, name: str) -> str:
    """Return the heading under which a lesson's source asks a question, without its marks; empty if it does not."""
    before, mark, _ = source.partition(f"<!-- question {name} -->")
    return re.findall(r"^# ## (.+)$", before, re.M)[-1] if mark else ""


def bank(root: Path = ROOT) -> str:
    """Return all questions by lesson, with section, misconception and answers, for the instructors' page."""
    lines = []
    for lesson in manifest.ready(root):
        found = of(lesson.number, root)
        source = (root / "sources/lessons" / f"{lesson.stem}.py").read_text(encoding="utf-8") if found else ""
        lines += [f"## Lesson {lesson.number} · {lesson.title}"] * bool(found)
        for question in found.values():
            lines.append(f"### {section(source, question.id)}")
            lines += [f"Misconception: “{question.misconception}”", question.markdown()]
    return "\n\n".join(lines)
