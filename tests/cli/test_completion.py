"""What a shell's Tab offers, asked as bash and zsh ask."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, FakeServices, refused
from tests.configs import SHARED
from tests.operations.runs.pipelines import codepipeline, execution
from tests.waved import waved
from xacct_ml.cli import completion
from xacct_ml.cli.main import main
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError

WAVED = waved(("first", ["canary"], True), ("rest", ["web"], True), ("last", ["mobile"], False))
RUNS = {
    "pipelineExecutionSummaries": [
        execution("aaaaaaaa-1"),
        execution("aabbbbbb-2", "Failed"),
        execution("cccccccc-3", "Succeeded"),
    ]
}
DATASETS = ("8a01b7c5d2e94f30", "b1f263a486bebd2a")


class Objects(FakeClient):
    """The data sets' folders."""

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"

        def paginate(**_: Any) -> list[dict[str, Any]]:
            return [{"CommonPrefixes": [{"Prefix": f"data/{each}/"} for each in (*DATASETS, "other")]}]

        return type("Paginator", (), {"paginate": staticmethod(paginate)})


def there(**answers: Any) -> FakeServices:
    pipeline = codepipeline(**{"list_pipeline_executions": RUNS, **answers})
    return FakeServices(FakeAccounts({(SHARED, "codepipeline"): pipeline, (SHARED, "s3"): Objects()}), WAVED)


@pytest.fixture
def tab(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """What bash is answered at the end of a line; its exit code is 0, and nothing stands on stderr."""

    def ask(line: str, services: FakeServices | None = None) -> list[str]:
        words = line.split(" ")
        monkeypatch.setenv("_XACCT_ML_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        assert main([], services or there()) == 0
        told = capsys.readouterr()
        assert told.err == ""
        return told.out.split()

    return ask


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("xacct-ml status --execution ", ["aaaaaaaa-1", "aabbbbbb-2", "cccccccc-3"]),
        ("xacct-ml status --execution aa", ["aaaaaaaa-1", "aabbbbbb-2"]),
        ("xacct-ml stop --execution ", ["aaaaaaaa-1"]),
        ("xacct-ml approve --execution ", ["aaaaaaaa-1"]),
        ("xacct-ml retry --execution ", ["aabbbbbb-2"]),
        ("xacct-ml explain --execution ", ["aabbbbbb-2"]),
        ("xacct-ml logs c", ["cccccccc-3"]),
        ("xacct-ml report ", ["aaaaaaaa-1", "aabbbbbb-2", "cccccccc-3"]),
        ("xacct-ml compare aaaaaaaa-1 aab", ["aabbbbbb-2"]),
        ("xacct-ml deploy --run c", ["cccccccc-3"]),
        ("xacct-ml deploy --target ", ["canary", "web", "mobile"]),
        ("xacct-ml rollback --target w", ["web"]),
        ("xacct-ml history --target m", ["mobile"]),
        ("xacct-ml predict --target c", ["canary"]),
        ("xacct-ml drift --target c", ["canary"]),
        ("xacct-ml approve --wave ", ["first", "rest"]),
        ("xacct-ml reject --wave r", ["rest"]),
        ("xacct-ml start --data ", list(DATASETS)),
        ("xacct-ml data withdraw 8", ["8a01b7c5d2e94f30"]),
    ],
)
def test_names_are_offered(tab: Any, line: str, offered: list[str]) -> None:
    """Of every option and argument that takes one, those that the command takes."""
    assert tab(line) == offered


def test_the_map_is_the_one_on_the_line(tab: Any) -> None:
    """As it was given before."""

    class Services(FakeServices):
        def config(self, path: Path) -> Config:
            assert path == Path("other.yaml")
            return WAVED

    assert tab("xacct-ml deploy --config other.yaml --target c", Services()) == ["canary"]


def test_what_fails_offers_nothing_and_says_nothing(tab: Any) -> None:
    """No map, no way in, a refusal, and whoever would be asked for a code."""

    class NoMap(FakeServices):
        def config(self, path: Path) -> Config:
            print("noise", file=sys.stderr)  # noqa: T201
            raise InputError(f"there is no {path} here")

    class Asking(FakeAccounts):
        def asks_for_code(self, account_id: str) -> bool:
            return account_id == SHARED

    denied = there(list_pipeline_executions=refused("ListPipelineExecutions", "AccessDeniedException"))
    for services in (NoMap(), FakeServices(FakeAccounts({})), denied, FakeServices(Asking({}), WAVED)):
        assert tab("xacct-ml status --execution ", services) == []
    assert tab("xacct-ml deploy --target ", NoMap()) == []


def test_nobody_waits_for_a_slow_answer() -> None:
    """The thread is left behind."""
    answered = threading.Event()

    class Context:
        params: Mapping[str, Any] = MappingProxyType({})

        def find_object(self, _: type) -> FakeServices:
            return there()

    def slow(*_: Any) -> Iterator[tuple[str, str]]:
        answered.wait()
        yield "too late", ""

    assert completion.offered(Context(), "", slow, patience=0) == []  # type: ignore[arg-type]
    answered.set()


def test_zsh_is_told_more(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """State and time beside each id."""
    monkeypatch.setenv("_XACCT_ML_COMPLETE", "complete_zsh")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "xacct-ml retry --execution ")
    assert main([], there()) == 0
    assert '"aabbbbbb-2":"Failed, 2026-03-01 12.00"' in capsys.readouterr().out
