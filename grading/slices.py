"""Which cells of a notebook the functions need that are asked for. Figures and trainings of minutes are left out.

Runs in the sandbox, since even reading a student's code is left to a process that may break.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

MAGIC = re.compile(r"^(\s*)[%!?].*$", re.MULTILINE)
LONGEST = 200_000  # characters of a cell


def plain(source: str) -> str:
    """Return a cell as plain Python: lines that only Jupyter understands become ``pass``."""
    if source.lstrip().startswith("%%"):
        return ""
    return MAGIC.sub(r"\1pass", source)[:LONGEST]


class _Uses(ast.NodeVisitor):
    """Collect the names that a statement binds and those that it reads."""

    def __init__(self) -> None:
        self.binds: set[str] = set()
        self.reads: set[str] = set()
        self.changes: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        (self.reads if isinstance(node.ctx, ast.Load) else self.binds).add(node.id)

    def visit_Import(self, node: ast.Import) -> None:
        self.binds |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.binds |= {alias.asname or alias.name for alias in node.names}

    def visit_Global(self, node: ast.Global) -> None:
        self.binds |= set(node.names)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.binds.add(node.name)
        inner = _Uses()
        inner.generic_visit(node)
        own = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        shared = {name for part in ast.walk(node) if isinstance(part, ast.Global) for name in part.names}
        self.reads |= inner.reads - ((own | inner.binds) - shared)
        self.changes |= inner.changes - own - inner.binds
        for part in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            if part:  # these belong to the world outside
                self.visit(part)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.binds.add(node.name)
        inner = _Uses()
        inner.generic_visit(node)
        self.reads |= inner.reads

    def visit_Lambda(self, node: ast.Lambda) -> None:
        inner = _Uses()
        inner.generic_visit(node)
        self.reads |= inner.reads - {part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)}

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        inner = _Uses()
        inner.generic_visit(node)
        self.reads |= inner.reads - inner.binds
        self.changes |= inner.changes - inner.binds

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._change(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._change(node)

    def _change(self, node: ast.Attribute | ast.Subscript) -> None:
        root: ast.AST = node
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if isinstance(root, ast.Name) and not isinstance(node.ctx, ast.Load):
            self.changes.add(root.id)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            self.changes.add(node.func.value.id)  # perhaps: table.append(…)
        self.generic_visit(node)


def uses(statement: ast.stmt) -> _Uses:
    """Return what a statement binds, reads and changes."""
    found = _Uses()
    found.visit(statement)
    return found


def chosen(cells: list[dict], names: Iterable[str] = ()) -> dict[int, str]:
    """Return the code to run of each cell, by its number; cells of which nothing is needed are left out.

    Args:
        cells: in order; ``number``, ``source``, and ``whole``: whether the cell is an answer to an exercise.
        names: of the functions that are asked for, in whatever cell they are.
    """
    parsed: dict[int, list[ast.stmt]] = {}
    broken: dict[int, str] = {}
    needed = set(names)
    for cell in cells:
        source = plain(cell["source"])
        try:
            parsed[cell["number"]] = ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            if cell["whole"]:
                broken[cell["number"]] = source  # its error is told when it runs
            continue
    whole = {cell["number"] for cell in cells if cell["whole"]}
    for number in whole & set(parsed):
        for statement in parsed[number]:
            needed |= uses(statement).reads
    kept = _closure({number: body for number, body in parsed.items() if number not in whole}, needed)
    sources = {number: ast.unparse(ast.Module(kept[number], [])) for number in kept if kept[number]}
    answers = {number: plain(cell["source"]) for cell in cells if (number := cell["number"]) in whole}
    return dict(sorted({**sources, **answers, **broken}.items()))


def _closure(bodies: dict[int, list[ast.stmt]], needed: set[str]) -> dict[int, list[ast.stmt]]:
    """Return the statements that bind or change what is needed, and what those need in turn."""
    statements = [
        (number, place, s, uses(s)) for number, body in bodies.items() for place, s in enumerate(body)
    ]
    imported = {
        name
        for _, _, s, use in statements
        if isinstance(s, ast.Import | ast.ImportFrom)
        for name in use.binds
    }
    taken: set[tuple[int, int]] = set()
    needed = set(needed)
    grown = True
    while grown:
        grown = False
        for number, place, _statement, use in statements:
            if (number, place) in taken or not (use.binds | (use.changes - imported)) & needed:
                continue
            taken.add((number, place))
            needed |= use.reads
            grown = True
    return {
        number: [s for place, s in enumerate(body) if (number, place) in taken]
        for number, body in bodies.items()
    }


def modules(sources: dict[int, str]) -> list[str]:
    """Return the modules that the code imports at its top level, to be loaded before anything is timed."""
    found: list[str] = []
    for source in sources.values():
        try:
            body = ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for statement in body:
            if isinstance(statement, ast.Import):
                found += [alias.name for alias in statement.names]
            elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
                found.append(statement.module)
    return list(dict.fromkeys(found))
