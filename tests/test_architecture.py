"""The architecture as failing tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.draw_tree import DOCUMENT, drawn, first_sentence

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "xacct_ml"
MODULES = sorted(PACKAGE.rglob("*.py"))


def test_import_contracts_hold() -> None:
    """Imports point downward; pure packages know no AWS client."""
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_tests_do_not_patch() -> None:
    """Fakes are handed in."""
    forbidden = ("mock" + ".patch", "monkeypatch" + ".setattr", "unittest" + ".mock")
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in (ROOT / "tests").rglob("*.py")
        for word in forbidden
        if word in path.read_text()
    ]
    assert found == []


def test_the_map_in_the_docs_is_the_tree() -> None:
    """``python -m tools.draw_tree`` draws it anew."""
    assert DOCUMENT.read_text() == drawn(DOCUMENT.read_text())


def test_every_folder_and_module_says_what_it_is() -> None:
    """The map is made of these sentences."""
    assert [str(path.relative_to(ROOT)) for path in MODULES if not first_sentence(path)] == []


def test_the_top_of_the_package_is_a_short_list() -> None:
    """Eight modules at the most; everything else is in a folder that says what it is for."""
    assert len(list(PACKAGE.glob("*.py"))) <= 8


def test_arns_are_taken_apart_in_one_place() -> None:
    """Code of the Lambda functions, which imports nothing of the package, aside."""
    splits = re.compile(r"""\.r?split\(\s*["']:["'][^)]*\)(?!\[0\])""")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in MODULES
        if path.name != "arn.py" and "payload" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if splits.search(line)
    ]
    assert found == []


def constants(module: Path) -> Iterator[tuple[str, str]]:
    """Name and value of a module's constants, as source; values that say nothing by themselves are left out."""
    for node in ast.parse(module.read_text()).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.strip("_").isupper():
                yield name.strip("_"), ast.unparse(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name.strip("_").isupper():
                yield name.strip("_"), ast.unparse(value)


def written_twice(modules: list[Path]) -> dict[str, list[str]]:
    """``NAME = value`` to the modules that define it, where these are two or more."""
    found: dict[str, list[str]] = defaultdict(list)
    for module in modules:
        for name, value in constants(module):
            if not value.startswith("TypeVar("):
                found[f"{name} = {value}"].append(module.stem)
    return {constant: places for constant, places in found.items() if len(places) > 1}


@pytest.mark.parametrize("inside", [False, True], ids=["the product", "the emulator"])
def test_no_constant_is_written_twice(inside: bool) -> None:
    """The emulator, as a witness of its own, shares none with the rest; nor can the Lambda functions' code."""
    modules = [path for path in MODULES if ("emulator" in path.parts) is inside and "payload" not in path.parts]
    assert written_twice(modules) == {}


def test_a_constant_that_is_written_twice_is_found(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / f"{name}.py").write_text("_LIMIT = 20\nOTHER: int = 3\n")
    assert written_twice(sorted(tmp_path.iterdir())) == {"LIMIT = 20": ["one", "other"], "OTHER = 3": ["one", "other"]}


_OWN_JSON = {
    "payload/deploy.py": "its own environment",
    "payload/copy.py": "its own environment",
    "payload/judge.py": "its own environment",
    "proof/actions.py": "the project's own table",
    "proof/requests/lambda_functions.py": "the pipeline's own structure",
    "proof/requests/lambda_judge.py": "the pipeline's own structure",
    "operations/render.py": "what was rendered just before",
    "system/state_machine.py": "the project's own definition",
    "system/template.py": "what was rendered just before",
    "foreign.py": "the reader itself",
}
"""Where JSON is read that nobody else wrote."""


def test_what_others_wrote_is_read_with_bounds() -> None:
    """By xacct_ml.foreign, but for what is the project's own."""
    product = ROOT / "xacct_ml"
    found = {
        str(path.relative_to(product))
        for path in product.rglob("*.py")
        if "emulator" not in path.relative_to(product).parts and re.search(r"\bjson\.loads?\(", path.read_text())
    }
    assert found == set(_OWN_JSON)
