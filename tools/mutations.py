"""Small changes of a module's syntax tree, each of which a good test suite notices.

What is changed: comparisons, boolean operators and their operands, conditions of branches and comprehensions,
constants (numbers, text, truth values, members of enums), ``min`` and ``max`` (the *and* and *or* of three-valued
logic), ``any`` and ``all``, arithmetic, returned values, and statements that are left out.

What is not: docstrings, annotations, imports, and words for people (f-strings and the arguments of what is raised)."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}
_LEFT_OUT = (ast.Expr, ast.Continue, ast.Break, ast.AugAssign, ast.Raise)


@dataclass(frozen=True)
class Place:
    """Where a node hangs in the tree. ``index`` is None where the field is no list."""

    parent: ast.AST
    field: str
    index: int | None

    def put(self, node: Any) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


@dataclass(frozen=True)
class Mutant:
    """One change of one module. ``name`` tells it from all others of its package and does not contain a line number, so
    that it lasts as long as the code it changes."""

    module: str
    name: str
    line: int
    tree: ast.Module
    place: Place
    node: ast.AST
    replacement: ast.AST

    @contextmanager
    def applied(self) -> Iterator[ast.Module]:
        """The module's tree with the change, until the end of the context."""
        self.place.put(self.replacement)
        try:
            yield self.tree
        finally:
            self.place.put(self.node)


def enum_members(trees: dict[str, ast.Module]) -> dict[str, tuple[str, ...]]:
    """Class name to the names of its members, for every enum that the modules define."""
    members: dict[str, tuple[str, ...]] = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in node.bases):
                targets = [one.targets[0] for one in node.body if isinstance(one, ast.Assign)]
                members[node.name] = tuple(target.id for target in targets if isinstance(target, ast.Name))
    return members


def mutants(trees: dict[str, ast.Module]) -> Iterator[Mutant]:
    """Every mutant of the modules, which are given by name; in the order of the code."""
    enums = enum_members(trees)
    for module, tree in trees.items():
        names: Counter[str] = Counter()
        for where, place, node in _nodes(tree):
            for replacement in _replacements(place, node, enums):
                name = f"{module}{where}: {_text(node)} → {_text(replacement)}"
                names[name] += 1
                if names[name] > 1:
                    name = f"{name} #{names[name]}"
                yield Mutant(module, name, getattr(node, "lineno", 0), tree, place, node, replacement)


def _text(node: ast.AST) -> str:
    """One line."""
    return "nothing" if isinstance(node, ast.Pass) else " ".join(ast.unparse(node).split())


def _nodes(tree: ast.Module) -> Iterator[tuple[str, Place, ast.AST]]:
    """Every node that may be changed, with where it stands, as ``.Class.function``."""
    pending: list[tuple[str, Place, ast.AST]] = [("", Place(tree, "body", i), node) for i, node in enumerate(tree.body)]
    while pending:
        where, place, node = pending.pop(0)
        yield where, place, node
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            where = f"{where}.{node.name}"
        pending[:0] = [(where, inner, child) for inner, child in _children(node)]


def _children(node: ast.AST) -> Iterator[tuple[Place, ast.AST]]:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr | ast.Raise):
        return
    skipped = {"annotation", "returns", "decorator_list", "bases", "ops", "op", "ctx"}
    for field, value in ast.iter_fields(node):
        if field in skipped:
            continue
        if isinstance(value, ast.AST):
            yield Place(node, field, None), value
        elif isinstance(value, list):
            for index, child in enumerate(value):
                if isinstance(child, ast.AST):
                    yield Place(node, field, index), child


def _replacements(place: Place, node: ast.AST, enums: dict[str, tuple[str, ...]]) -> Iterator[ast.AST]:
    if isinstance(node, ast.stmt):
        yield from _statements(node)
        return
    if place.field == "test" and isinstance(place.parent, ast.If | ast.IfExp | ast.While):
        yield from (ast.Constant(value) for value in (True, False))
    elif place.field == "ifs":
        yield ast.Constant(True)
    elif place.field == "value" and isinstance(place.parent, ast.Return) and not _is_none(node):
        yield ast.Constant(None)
    yield from _expressions(place, node, enums)


def _statements(node: ast.stmt) -> Iterator[ast.AST]:
    words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    if isinstance(node, _LEFT_OUT) and not words:
        yield ast.Pass()


def _expressions(place: Place, node: ast.AST, enums: dict[str, tuple[str, ...]]) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left, [operator], comparators):
            for other in _COMPARISONS[type(operator)]:
                yield ast.Compare(left, [other()], comparators)
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
            for index in range(len(values)):
                kept = values[:index] + values[index + 1 :]
                yield kept[0] if len(kept) == 1 else ast.BoolOp(operator, kept)
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.UnaryOp(ast.USub(), operand):
            yield operand
        case ast.BinOp(left, operator, right) if type(operator) in _ARITHMETIC:
            yield ast.BinOp(left, _ARITHMETIC[type(operator)](), right)
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(str(value)) if not _is_docstring(place):
            yield ast.Constant(f"{value}~")
        case ast.Name(str(name), ast.Load()) if name in _FUNCTIONS:
            yield ast.Name(_FUNCTIONS[name], ast.Load())
        case ast.Name(str(name), ast.Load()):
            for members in enums.values():
                # members that are bound to names of their own: YES, NO, MAYBE
                if name in members:
                    yield from (ast.Name(other, ast.Load()) for other in members if other != name)
        case ast.Attribute(ast.Name(str(enum)), str(member), ast.Load()) if member in enums.get(enum, ()):
            members = enums[enum]
            if len(members) > 1:
                other = members[(members.index(member) + 1) % len(members)]
                yield ast.Attribute(ast.Name(enum, ast.Load()), other, ast.Load())


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_docstring(place: Place) -> bool:
    """Text that stands alone is a docstring, of a module, a class, a function or an attribute."""
    return isinstance(place.parent, ast.Expr)
