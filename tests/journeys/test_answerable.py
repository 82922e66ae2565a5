"""From a table with names to an endpoint that answers by them; then other columns, a rejection, withdrawn data, and the
export of it all. By the commands."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.configs import example
from tests.journeys.project import Project, project
from tests.journeys.test_missing_statement import ServicesOf
from xacct_ml.cli.main import main

pytestmark = pytest.mark.long

pytest.importorskip("duckdb")

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 20, "max_depth": 3, "eval_metric": "auc"}


@dataclass
class Life:
    """A project, the folder of its files, and its runs."""

    made: Project
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> tuple[int, str]:
        """Exit code and output, both streams, of a command."""
        self.capsys.readouterr()
        code = main([*words], ServicesOf(self.made))
        both = self.capsys.readouterr()
        return code, both.out + both.err

    def does(self, *words: str) -> str:
        code, said = self.run(*words)
        assert code == 0, said
        return said

    def next_run(self, known: list[str]) -> str:
        run = self.made.new_run(known)
        assert self.made.settled(run).waits_for_approval, self.does("status", "--execution", run)
        return run


def table(path: Path, seed: int, more: bool = False) -> Path:
    """Customers by name; with a column more."""
    chance = random.Random(seed)
    rows = [f"age,plan,minutes{',visits' if more else ''},churned"]
    for _ in range(900):
        age, plan, minutes = chance.randint(18, 80), chance.choice(["basic", "gold", "none"]), chance.gauss(200, 50)
        leaves = chance.random() < (0.95 if plan == "none" and minutes > 190 else 0.03)
        visit = f",{chance.randint(0, 9)}" if more else ""
        rows.append(f"{age},{plan},{minutes:.1f}{visit},{'leaves' if leaves else 'stays'}")
    path.write_text("\n".join(rows) + "\n")
    return path


def upload(life: Life, name: str, *flags: str) -> tuple[int, str]:
    prepared = life.folder / name
    life.does("prepare", str(table(life.folder / f"{name}.csv", len(name), "more" in name)), "--label", "churned",
              "--slice", "plan", "--force", "--out", str(prepared))  # fmt: skip
    files = [word for part in ("train", "validation") for word in (f"--{part}", str(prepared / f"{part}.csv"))]
    return life.run("upload-data", *files, *flags)


@pytest.fixture
def life(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Life]:
    with project(example(training={"hyperparameters": HYPERPARAMETERS})) as made:
        made.bootstrap()
        yield Life(made, tmp_path, capsys)


def test_from_a_table_to_an_export(life: Life) -> None:
    """Names in, prediction out; what does not fit is refused; the export says what was done."""
    code, said = upload(life, "first")
    assert code == 0, said
    life.made.create_pipeline()
    (first,) = life.made.runs()
    life.made.settled(first)
    said = life.does("approve", "--execution", first, "--yes", "--summary", "as planned")
    assert "change   churn at production: no model yet → " in said
    life.made.settled(first)

    asked = {"age": 40, "plan": "none", "minutes": 230.5}
    assert life.does("predict", "--json", json.dumps(asked)).split(",")[0] in {"leaves", "stays"}
    rows = life.folder / "rows.csv"
    rows.write_text("plan,minutes,age\nnone,240,30\nbasic,150,60\n")
    assert [line.split()[1] for line in life.does("predict", "--row", str(rows)).splitlines()[1:]] == [
        "leaves",
        "stays",
    ]
    code, said = life.run("predict", "--json", json.dumps({"age": "old", "plan": "silver", "colour": 1}))
    assert code == 2
    assert "there is no column 'colour'" in said
    assert "silver" in said
    assert "age is a number, not 'old'" in said

    code, said = upload(life, "more")
    assert code == 2
    assert "--schema-change says that it is meant" in said
    known = life.made.runs()
    code, said = upload(life, "more", "--schema-change")
    assert code == 0, said
    second = life.next_run(known)
    code, said = life.run("approve", "--execution", second, "--yes")
    assert code == 1, said
    assert "Columns differ from the live model's: 5 where the live model has 4; new: visits" in " ".join(said.split())
    said = life.does("approve", "--execution", second, "--yes", "--schema-change")
    assert "warning  Columns differ" in said
    life.made.settled(second)
    assert life.does("predict", "--json", json.dumps({**asked, "visits": 3}))

    dataset = life.made.evaluation(second)["data"]["dataset"]
    code, said = upload(life, "more still")
    assert code == 0, said
    third = life.next_run([*known, second])
    assert life.made.evaluation(third)["scores"]["difference"]["metrics"]["auc"]
    life.does("reject", "--execution", third, "--yes", "--summary", "not now")
    life.made.settled(third)
    life.does("data", "withdraw", dataset, "--reason", "leaked")
    said = life.does("audit", "--out", str(life.folder / "export"))
    exported(life, (first, second, third), said)


def exported(life: Life, runs: tuple[str, ...], said: str) -> None:
    folder = life.folder / "export"
    index: dict[str, Any] = json.loads((folder / "audit.json").read_text())
    assert sha256((folder / "audit.json").read_bytes()).hexdigest() in said
    assert all(sha256((folder / name).read_bytes()).hexdigest() == digest for name, digest in index["files"].items())
    told = {run["run"]: run for run in index["runs"]}
    assert [told[run]["approvals"][0]["status"] for run in runs] == ["Succeeded", "Succeeded", "Failed"]
    assert all(told[run]["approvals"][0]["by"] and told[run]["record"] and told[run]["dataManifest"] for run in runs)
    assert f"[record sha256:{told[runs[0]]['recordSha256']}]" in told[runs[0]]["approvals"][0]["summary"]
    assert [told[run]["withdrawn"] is not None for run in runs] == [False, True, False]
    assert [one["run"] for one in index["served"]] == [*runs[:2]]
    assert index["served"][0]["until"] == index["served"][1]["since"]
    assert index["unproven"] == []
