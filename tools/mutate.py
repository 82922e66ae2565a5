"""Mutation testing of the evaluator: ``python -m tools.mutate``.

Makes every mutant of ``xacct_ml.access`` (see :mod:`tools.mutations`) and runs the evaluator's tests on it until one
of them fails. A mutant that no test notices is a survivor. Survivors that change nothing that could matter are listed,
each with its reason, in ``tests/access/survivors.py``; any other survivor fails the command, and so does an entry of
that list that is no survivor any more.

Two thousand mutants take about 13 minutes of processor time, half of that on two idle cores; ``--module evaluate``
takes those of one module, ``--jobs`` the processes at a time. A mutant that takes more than ``--limit`` seconds of
processor time (all the tests take about 12) counts as noticed: it would hang its caller."""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.abc
import importlib.machinery
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from rich.console import Console

from tests.access.survivors import SURVIVORS
from tools.mutations import Mutant, mutants

ROOT = Path(__file__).parent.parent
PACKAGE, TESTS = "xacct_ml.access", "tests/access"
SLOW = ("test_evaluate_judges.py", "test_evaluate_properties.py")
"""Run last, and not for what is listed as a survivor, nor with ``--fast``: they take ten times the others' time."""
PRELOADED = ("hypothesis", "hypothesis.strategies", "pytest", "moto.iam.access_control")
"""What the tests import from elsewhere: loaded once, before the processes part."""
OPTIONS = (
    *("-x", "-q", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:xdist", "--import-mode=importlib"),
    *("--assert=plain", "--tb=no"),
)
"""The second line: nobody reads how a test failed, and preparing to tell would take longer than the test."""

PASSED, FAILED = 0, 1


def trees(package: str, root: Path) -> dict[str, ast.Module]:
    """The modules of a package, without its name, as syntax trees."""
    directory = root / package.replace(".", "/")
    return {
        path.stem: ast.parse(path.read_text()) for path in sorted(directory.glob("*.py")) if path.stem != "__init__"
    }


class MutatedModule(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a changed tree."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self._name = name
        self._code = compile(ast.fix_missing_locations(tree), f"<mutant of {name}>", "exec")

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the protocol's signature
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(fullname, self) if fullname == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)


@dataclass(frozen=True)
class Suite:
    """Which tests judge the mutants of ``package``; both directories are relative to ``root``."""

    package: str
    tests: str
    root: Path

    def groups(self, module: str) -> list[list[str]]:
        """The module's own tests first, for these notice most; the slow ones last."""
        own = f"test_{module}.py"
        found = sorted(path.name for path in (self.root / self.tests).glob("test_*.py"))
        others = [name for name in found if name != own and name not in SLOW]
        groups = [[name for name in found if name == own], others, *([name] for name in SLOW if name in found)]
        return [[f"{self.tests}/{name}" for name in group] for group in groups if group]

    def run(self, module: str, tree: ast.Module, *, slow: bool) -> int:
        """pytest's exit code, in this process, with ``tree`` in the place of the module; ``slow`` for all tests."""
        import pytest

        sys.meta_path.insert(0, MutatedModule(f"{self.package}.{module}", tree))
        sys.path.insert(0, str(self.root))
        os.chdir(self.root)
        groups = [group for group in self.groups(module) if slow or not group[0].endswith(SLOW)]
        codes = (int(pytest.main([*OPTIONS, *group])) for group in groups)
        return next((code for code in codes if code != PASSED), PASSED)


def survivors(
    suite: Suite, found: Iterable[Mutant], jobs: int, limit: int, fast: Callable[[Mutant], bool] = lambda _: False
) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant, and whether it survived; in the order in which they are judged.

    ``jobs`` processes at a time, each of at most ``limit`` seconds of processor time, so that a busy machine changes no
    result. ``fast``: without the slow tests."""
    waiting = iter(found)
    running: dict[int, Mutant] = {}
    while True:
        while len(running) < jobs and (mutant := next(waiting, None)) is not None:
            running[_spawn(suite, mutant, limit, slow=not fast(mutant))] = mutant
        if not running:
            return
        time.sleep(0.01)
        for process, mutant in list(running.items()):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                del running[process]
                yield mutant, os.waitstatus_to_exitcode(status) == PASSED


def unchanged(mutant: Mutant) -> Mutant:
    """A mutant of the same module that is none: it must survive."""
    return replace(mutant, name=f"{mutant.module}: unchanged", replacement=mutant.node)


def _spawn(suite: Suite, mutant: Mutant, limit: int, *, slow: bool) -> int:
    process = os.fork()
    if process:
        return process
    code = FAILED
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.dup2(nowhere, sys.stderr.fileno())
        with mutant.applied() as tree:
            code = suite.run(mutant.module, tree, slow=slow)
    finally:
        # whatever was raised: a mutant that cannot even be loaded was noticed
        os._exit(code)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.mutate", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--module", help="only the mutants of one module")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time (default: 2)")
    parser.add_argument("--limit", type=int, default=60, help="seconds of processor time for a mutant (default: 60)")
    parser.add_argument("--fast", action="store_true", help="without the slow tests")
    options = parser.parse_args(arguments)
    console, progress = (Console(highlight=False, markup=False, soft_wrap=True, stderr=err) for err in (False, True))
    for name in PRELOADED:
        importlib.import_module(name)
    suite = Suite(PACKAGE, TESTS, ROOT)
    chosen = [
        mutant for mutant in mutants(trees(PACKAGE, ROOT)) if options.module is None or mutant.module == options.module
    ]
    untouched = [unchanged(chosen[0])] if chosen else []
    judged = survivors(suite, untouched, 1, options.limit, lambda _: options.fast)
    if [survived for _, survived in judged] != [True]:
        console.print("there are no mutants, or the tests fail with nothing changed")
        return 1
    began = time.monotonic()
    alive = []

    def fast(mutant: Mutant) -> bool:
        return options.fast or mutant.name in SURVIVORS

    judged = survivors(suite, chosen, options.jobs, options.limit, fast)
    for number, (mutant, survived) in enumerate(judged, 1):
        if survived:
            alive.append(mutant.name)
            if mutant.name not in SURVIVORS:
                console.print(f"survived, line {mutant.line}: {mutant.name}")
        if number % 100 == 0:
            progress.print(f"{number} of {len(chosen)}, {time.monotonic() - began:.0f} s")
    unexplained = [name for name in alive if name not in SURVIVORS]
    stale = sorted({mutant.name for mutant in chosen} & SURVIVORS.keys() - set(alive))
    for name in stale:
        console.print(f"explained as a survivor, but a test notices it: {name}")
    console.print(
        f"{len(chosen)} mutants, {len(chosen) - len(alive)} noticed, {len(alive)} survived, "
        f"{len(unexplained)} of them unexplained; {time.monotonic() - began:.0f} s"
    )
    return 1 if unexplained or stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
