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
    """Code of the Lambda functions, whose package has no ``arn``, aside."""
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


_PARSERS = {
    "json": {"load", "loads", "JSONDecoder"},
    "yaml": {"load", "load_all", "safe_load", "safe_load_all", "full_load", "unsafe_load", "compose", "parse", "scan"},
    "zipfile": {"ZipFile", "PyZipFile"},
    "tarfile": {"open", "TarFile"},
    "pickle": {"load", "loads", "Unpickler"},
    "marshal": {"load", "loads"},
    "xml.etree.ElementTree": {"parse", "fromstring", "iterparse", "XML"},
    "ast": {"literal_eval"},
    "builtins": {"eval", "exec"},
}
_PARSED = {
    "config/yaml_source.py": "the account map: a reader with bounds of its own, and lines",
    "foreign.py": "the reader itself",
    "operations/costs/run.py": "the pipeline's own structure",
    "operations/render.py": "what was rendered just before",
    "operations/upload/source_files.py": "the template and the zip: bounded there",
    "payload/approved.py": "its own environment",
    "payload/autoscale.py": "its own environment",
    "payload/copy.py": "its own environment",
    "payload/endpoint.py": "its own environment",
    "payload/inputs.py": "its own environment",
    "payload/judge.py": "its own environment",
    "payload/package_release.py": "its own environment",
    "payload/deploy.py": "its own environment",
    "payload/rollout.py": "its own environment",
    "payload/smoke.py": "its own environment",
    "payload/scores/importances.py": "a model's archive: bounded there, and nothing is unpickled",
    "payload/source.py": "the source's zip: bounded there",
    "proof/actions.py": "the project's own table",
    "proof/requests/lambda_functions.py": "the pipeline's own structure",
    "proof/requests/lambda_judge.py": "the pipeline's own structure",
    "system/package.py": "a zip that is written, not read",
    "system/state_machine.py": "the project's own definition",
    "system/template.py": "what was rendered just before",
}
"""Where something is parsed by other means than xacct_ml.foreign, and what bounds it or who wrote it."""

_WRITERS = {
    "builtins": {"print"},
    "typer": {"echo", "secho"},
    "click": {"echo", "secho"},
    "sys": {"stdout", "stderr", "__stdout__", "__stderr__"},
    "rich": {"print"},
    "rich.console": {"Console"},
}
_PRINTED = {
    "cli/main.py": "the version and the help",
    "cli/output.py": "a traceback, where it is asked for",
    "cli/terminal.py": "the terminal itself, which makes every value printable",
    "cli/screen.py": "lines that the terminal has cleaned, broken between words",
}
"""Where the terminal is written to."""


def uses(path: Path, wanted: dict[str, set[str]]) -> bool:
    """Whether a module uses one of these names, by whatever name it imports it or its module."""
    tree = ast.parse(path.read_text())
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {one.asname or one.name: one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            if wanted.get(node.module, set()) & {one.name for one in node.names}:
                return True
            modules |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    bare = wanted.get("builtins", set())
    return any(
        (isinstance(node, ast.Attribute) and node.attr in wanted.get(modules.get(ast.unparse(node.value), ""), set()))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in bare)
        for node in ast.walk(tree)
    )


def using(wanted: dict[str, set[str]]) -> set[str]:
    """The modules of the product that do; the embedded AWS parses what AWS would and logs to its own stderr."""
    paths = [path for path in MODULES if "emulator" not in path.relative_to(PACKAGE).parts]
    return {path.relative_to(PACKAGE).as_posix() for path in paths if uses(path, wanted)}


def test_what_others_wrote_is_read_with_bounds() -> None:
    """By xacct_ml.foreign, or where something is said here."""
    assert using(_PARSERS) == set(_PARSED)


def test_what_others_wrote_is_shown_by_the_terminal_alone() -> None:
    """Which takes out what is no visible character."""
    assert using(_WRITERS) == set(_PRINTED)


@pytest.mark.parametrize(
    "text",
    [
        "import json\njson.loads(x)",
        "import json as j\nread = j.load",
        "from json import loads as read",
        "from xml.etree import ElementTree as tree\ntree.parse(x)",
        "def f():\n    import yaml\n    return yaml.safe_load(x)",
        "eval(x)",
    ],
)
def test_a_reader_without_bounds_is_found(tmp_path: Path, text: str) -> None:
    """Whatever it is called there."""
    path = tmp_path / "new.py"
    path.write_text(text)
    assert uses(path, _PARSERS)
    assert not uses(path, _WRITERS)


@pytest.mark.parametrize("text", ["print(x)", "import sys\nsys.stderr.write(x)", "from rich import print as show"])
def test_a_new_way_to_the_terminal_is_found(tmp_path: Path, text: str) -> None:
    """Whatever it is called there."""
    path = tmp_path / "new.py"
    path.write_text(text)
    assert uses(path, _WRITERS)
    assert not uses(path, _PARSERS)
