"""The networks and training recipes of the lessons, loaded from the only place where they stand.

    recipe = recipes.load("04", pets=datasets.cats_vs_dogs())
    network = recipe.build_source_network()

That place is the cells tagged ``recipe``. They hold definitions only: functions, imports, and constants (names in
capitals). So loading them trains nothing.
"""

from __future__ import annotations

import ast
import hashlib
from types import ModuleType

import jupytext

from tools import manifest

TAG = "recipe"


def cells(number: str) -> list[str]:
    """Return the sources of a lesson's recipe cells, in order."""
    (lesson,) = (lesson for lesson in manifest.ready() if lesson.number == number)
    notebook = jupytext.read(manifest.ROOT / "sources/lessons" / f"{lesson.stem}.py")
    return [cell.source for cell in notebook.cells if TAG in cell.metadata.get("tags", [])]


def mark(recipe: str) -> dict[str, str]:
    """Return what a row of results/ records of its recipe.

    Args:
        recipe: a lesson and the names of what was used, for example ``"04 build_source_network SOURCE_EPOCHS"``.

    Raises:
        KeyError: if the lesson's recipe cells do not define one of the names.
    """
    number, *names = recipe.split()
    return {"recipe": recipe, "recipe_sha256": digest(cells(number), names)}


def digest(sources: list[str], names: list[str]) -> str:
    """Return a sha256 of the named definitions and of all that they use in turn.

    Comments, docstrings, layout and the reduced budget do not count: the digest changes when what is measured may have
    changed.
    """
    known = definitions(sources)
    wanted, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += [
                node.id for node in ast.walk(known[name]) if isinstance(node, ast.Name) and node.id in known
            ]
    text = "\n".join(ast.unparse(_measured(known[name])) for name in sorted(wanted))
    return hashlib.sha256(text.encode()).hexdigest()


def definitions(sources: list[str]) -> dict[str, ast.stmt]:
    """Return what the cells define: name → function or assignment."""
    found: dict[str, ast.stmt] = {}
    for node in (node for source in sources for node in ast.parse(source).body):
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            found |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
    return found


def _measured(tree: ast.stmt) -> ast.stmt:
    """Return what a full run computes: without docstrings, and the full value of each ``course.budget(…)``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "course.budget":
            node.keywords = [keyword for keyword in node.keywords if keyword.arg == "full"]
    return tree


def misplaced(source: str) -> list[str]:
    """Return the first line of each statement of a recipe cell that is no definition."""
    return [ast.unparse(node).splitlines()[0] for node in ast.parse(source).body if not _is_definition(node)]


def _is_definition(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        return len(names) == len(node.targets) and all(name.isupper() for name in names)
    return isinstance(node, ast.FunctionDef | ast.Import | ast.ImportFrom)


def load(number: str, **data: object) -> ModuleType:
    """Return what the recipe cells of a lesson define.

    Args:
        number: of the lesson, for example "04".
        **data: what the cells expect to be there: arrays, data sets, and other things that the lesson makes before.

    Returns:
        A module with the functions and constants. Setting one of its names changes what its functions see.
    """
    import time

    from helpers import course
    from helpers.quiet import quiet

    with quiet():
        import keras
        import numpy as np
        import tensorflow as tf

    recipe = ModuleType(f"recipe_{number}")
    usual = {"course": course, "keras": keras, "layers": keras.layers, "np": np, "tf": tf, "time": time}
    vars(recipe).update(usual | data)
    for source in cells(number):
        exec(compile(source, f"<recipe of lesson {number}>", "exec"), vars(recipe))
    return recipe
