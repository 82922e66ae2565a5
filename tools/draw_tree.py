"""Draws the package as a tree, each folder with the first sentence of its docstring: ``python -m tools.draw_tree``.

Writes it into docs/design.md, between the two comments that name this tool."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "design.md"
BEGIN, END = "<!-- tree: python -m tools.draw_tree -->", "<!-- /tree -->"
LAMBDA_CODE = "payload"
"""Its ``__init__.py`` goes into the functions' zip, whose bytes do not change for the sake of a docstring."""

_COLUMN = 36


def tree(package: Path = ROOT / "xacct_ml") -> str:
    """Folders at every depth, and the modules at the top."""
    return "\n".join(["```", f"{package.name}/", *_lines(package, 1), "```"])


def _lines(folder: Path, depth: int) -> Iterator[str]:
    modules = [path for path in sorted(folder.glob("*.py")) if depth == 1 and path.name != "__init__.py"]
    for path in modules:
        yield _line(path.name, path, depth)
    for path in sorted(folder.iterdir()):
        if (path / "__init__.py").exists():
            yield _line(f"{path.name}/", path / "__init__.py", depth)
            yield from _lines(path, depth + 1)


def _line(name: str, module: Path, depth: int) -> str:
    return f"{'  ' * depth + name:{_COLUMN}} {first_sentence(module)}".rstrip()


def first_sentence(module: Path) -> str:
    """Of the module's docstring, without its full stop; empty where there is none."""
    if module.parent.name == LAMBDA_CODE and module.name == "__init__.py":
        return "The Lambda functions' code: of the package it imports the tables and the reader of foreign text alone"
    text = " ".join((ast.get_docstring(ast.parse(module.read_text())) or "").split("\n\n")[0].split())
    return text.split(". ")[0].removesuffix(".").replace("``", "")


def drawn(document: str) -> str:
    """``document`` with the tree as it is now. Raises ValueError where the comments are not in it."""
    before, rest = document.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{tree()}\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(drawn(DOCUMENT.read_text()))
