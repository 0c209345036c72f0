"""Write the lock files, from one resolution, so that no version differs between them."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from tools import installer
from tools.environment import GROUPS

# For every system and Python that the course supports, without the address of an index.
COMPILE = ("pip", "compile", "--universal", "--python-version=3.11", "--fork-strategy=fewest", "--generate-hashes",
           "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--quiet")  # fmt: skip
STUDENT = "locks/student.txt"  # also says which build of TensorFlow takes the place of `tensorflow`
TOGETHER = Path("build/together.lock")
INSTALLER = Path("locks/uv.lock")


def renew(course: Path, keep: bool) -> None:
    """Write all lock files anew.

    Args:
        course: the folder of the course.
        keep: whether versions stay where they can; otherwise the newest that fit together are taken.

    Raises:
        Failure: if uv cannot be had, or finds no versions that fit together.
    """
    tool = installer.choose(course)
    if not isinstance(tool, installer.Uv):
        raise installer.Failure("Only uv can write lock files.")
    os.chdir(course)  # so that the comments in the locks hold no path of this machine
    wanted = write_inputs()
    present = "".join(Path(group.lock).read_text(encoding="utf-8") for group in GROUPS.values())
    versions = "\n".join(
        re.findall(r"^[\w.-]+==[^\\\n]*", present, re.MULTILINE)
    )  # all hashes are asked for again
    TOGETHER.write_text(versions if keep else "", encoding="utf-8")
    compile_lock(tool, [word for words in wanted.values() for word in words], TOGETHER)
    student: set[str] = set()
    for name, words in wanted.items():
        part = TOGETHER.with_name(f"{name}.lock")
        part.unlink(missing_ok=True)
        compile_lock(tool, [*words, f"--constraint={TOGETHER}"], part)
        blocks = blocks_of(part.read_text(encoding="utf-8"))
        if not GROUPS[name].alone:
            blocks = [block for block in blocks if head(block) not in student]
        Path(GROUPS[name].lock).write_text("".join(blocks), encoding="utf-8", newline="\n")
        student = student or {head(block) for block in blocks}
    compile_lock(tool, ["build/uv.txt", *([] if keep else ["--upgrade"])], INSTALLER)


def write_inputs() -> dict[str, list[str]]:
    """Write what each group needs to a file in build/; return uv's arguments for each group, the student's first."""
    extras = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    TOGETHER.parent.mkdir(exist_ok=True)
    for name, needed in {**extras, "uv": ["uv"]}.items():
        TOGETHER.with_name(f"{name}.txt").write_text("\n".join(needed), encoding="utf-8")
    groups = {name: [f"build/{name}.txt"] for name in GROUPS if name in extras}
    return {"student": ["requirements.txt", STUDENT, f"--override={STUDENT}"], **groups}


def compile_lock(tool: installer.Uv, arguments: Sequence[str], target: Path) -> None:
    """Let uv write the lock ``target``; versions that it holds already are kept where they can be.

    Only the main index is asked: a further one may hold the files of one system, and the lock then fits no other.
    """
    main = {name: value for name, value in tool.settings.items() if name not in ("UV_INDEX", "UV_FIND_LINKS")}
    done = installer.run([tool.program, *COMPILE, *arguments, f"--output-file={target}"], variables=main)
    if done.returncode:
        raise installer.Failure(f"{target} could not be written.", done.stderr)


def blocks_of(lock: str) -> list[str]:
    """Return the part of each package: its version, its hashes, and why it is there."""
    return re.findall(
        r"^\S.*\n(?:\s.*\n)*", lock.replace(f"    #   -c {TOGETHER.as_posix()}\n", ""), re.MULTILINE
    )


def head(block: str) -> str:
    """Return the first line of a package's part: its name, version and systems."""
    return block.partition("\n")[0]
