"""What holds of the emulator's tree beyond the import contracts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import xacct_ml
from tests.operations.boto3_calls import services
from xacct_ml.emulator.core import authorization, discovery

PACKAGE = Path(xacct_ml.__file__).parent
SERVICES = PACKAGE / "emulator" / "services"
FOLDERS = sorted(path.name for path in SERVICES.iterdir() if (path / "__init__.py").exists())
MODULES = sorted(path.stem for path in SERVICES.glob("*.py") if path.name != "__init__.py")
"""Services that are one module, of authorization."""


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module


def touches_moto(path: Path) -> bool:
    return any(f"{name}.".startswith("moto.") for name in imported(path))


def test_moto_is_imported_in_modules_named_after_it_only() -> None:
    """Whoever raises moto's version looks at ``moto_….py`` of the emulator, and at nothing else."""
    touching = {
        path for path in PACKAGE.rglob("*.py") if any(f"{name}.".startswith("moto.") for name in imported(path))
    }
    assert touching
    elsewhere = [path for path in touching if not path.name.startswith("moto_")]
    assert [str(path.relative_to(PACKAGE)) for path in elsewhere] == []
    assert {path.relative_to(PACKAGE).parts[0] for path in touching} == {"emulator"}


def test_modules_named_after_moto_touch_it() -> None:
    """The name says it; a module that no longer does is called otherwise."""
    named = [
        path for path in PACKAGE.rglob("moto_*.py") if not any(f"{n}.".startswith("moto.") for n in imported(path))
    ]
    assert named == []


@pytest.mark.parametrize("service", [*(f"{folder}.authorization" for folder in FOLDERS), *MODULES])
def test_each_service_says_what_its_calls_are_authorized_by(service: str) -> None:
    """Found by its folder, or its module: its authorization is there, has its interface, and is the one in use."""
    modules = {module.__name__: module for module in discovery.modules("authorization")}
    module = modules[f"{discovery.SERVICES}.{service}"]
    services = module.SERVICE if isinstance(module.SERVICE, tuple) else (module.SERVICE,)
    assert services
    for service in services:
        assert authorization.translators()[service] is module.authorization_requests


def test_what_changes_moto_can_be_installed() -> None:
    """Each service's ``moto_patches`` has ``install()``, which is how it is found."""
    found = list(discovery.modules("moto_patches"))
    assert [module.__name__ for module in found if not callable(getattr(module, "install", None))] == []
    assert {module.__name__.split(".")[-2] for module in found} <= set(FOLDERS)


def test_a_service_that_is_one_module_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As its authorization; it changes nothing in moto."""
    package = tmp_path / "a_package_of_services"
    (package / "folder").mkdir(parents=True)
    for file in ("__init__.py", "single.py", "folder/__init__.py", "folder/authorization.py"):
        (package / file).touch()
    monkeypatch.syspath_prepend(tmp_path)
    found = [module.__name__ for module in discovery.modules("authorization", package.name)]
    assert found == [f"{package.name}.folder.authorization", f"{package.name}.single"]
    assert list(discovery.modules("moto_patches", package.name)) == []


def test_each_service_that_is_called_is_authorized() -> None:
    """As its calls are; of a service without a module, only a right on every resource would let them pass."""
    forgotten = services() - authorization.translators().keys()
    assert not forgotten, f"no module of xacct_ml/emulator/services is for {sorted(forgotten)}"


def test_temporary_files_are_where_the_next_start_sweeps() -> None:
    """Everything temporary comes from the running embedded AWS's own directory."""
    using = {path for path in (PACKAGE / "emulator").rglob("*.py") if "tempfile" in set(imported(path))}
    assert {path.name for path in using} == {"directories.py", "runtime.py"}
