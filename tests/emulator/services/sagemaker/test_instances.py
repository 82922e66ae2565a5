"""Training on several instances: XGBoost's own collective, each process with its own rows."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import xgboost
from xgboost import collective
from xgboost.tracker import RabitTracker

from tests.emulator.services.sagemaker.workloads import DATA, PARAMETERS
from xacct_ml.emulator.services.sagemaker import instances, trainer

VERSION = "3.2-0"
ROWS = (DATA / "train.csv").read_bytes().splitlines(keepends=True)
VALIDATION = (DATA / "validation.csv").read_bytes()
PARTS = [b"".join(ROWS[:300]), b"".join(ROWS[300:])]
HOSTS: list[dict[str, list[bytes]]] = [{"train": [part], "validation": [VALIDATION]} for part in PARTS]
GIVEN = {**PARAMETERS, "eval_metric": "logloss,auc"}


def never() -> None:
    """The job is not to stop."""


def by_hand(directory: Path, rank: int, address: dict[str, Any]) -> None:
    """What XGBoost's documentation shows of training with its collective; in a process of its own."""
    with collective.CommunicatorContext(**address, dmlc_task_id=str(rank)):
        channels = {}
        for name, content in (("train", PARTS[rank]), ("validation", VALIDATION)):
            file = directory / f"{name}-{rank}.csv"
            file.write_bytes(content)
            channels[name] = xgboost.DMatrix(f"{file}?format=csv&label_column=0", nthread=1)
        given = {"objective": "binary:logistic", "max_depth": 4, "eta": 0.3, "nthread": 1}
        history: dict[str, Any] = {}
        watched = [(channels[name], name) for name in ("train", "validation")]
        asked = {**given, "eval_metric": ["logloss", "auc"]}
        booster = xgboost.train(asked, channels["train"], 20, evals=watched, evals_result=history, verbose_eval=False)
        if rank == 0:
            booster.save_model(directory / "model.ubj")
            (directory / "history.json").write_text(json.dumps(history))


@pytest.mark.long
def test_two_instances_train_what_distributed_xgboost_does_by_hand(tmp_path: Path) -> None:
    """To the byte of the model and the digit of the metrics; another model than that of either half, or of all."""
    tracker = RabitTracker(n_workers=2, host_ip="127.0.0.1", sortby="task")
    tracker.start()
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=by_hand, args=(tmp_path, rank, tracker.worker_args())) for rank in range(2)]
    for process in processes:
        process.start()
    found, printed = instances.train(VERSION, GIVEN, HOSTS, never)
    for process in processes:
        process.join()
    assert found.model == (tmp_path / "model.ubj").read_bytes()
    history = json.loads((tmp_path / "history.json").read_text())
    shown = [f"{channel}-{name}:{values[-1]:.5f}" for channel, of in history.items() for name, values in of.items()]
    assert found.log[-1] == "[19]#011" + "#011".join(shown)
    assert printed == {"algo-1": list(found.log)}
    whole = {"train": [b"".join(PARTS)], "validation": [VALIDATION]}
    assert found.model not in [trainer.boost(VERSION, GIVEN, each).model for each in (*HOSTS, whole)]


def test_an_instance_without_data_takes_no_part() -> None:
    """It says so, and the others train as if it were not there; one that is left alone trains as one."""
    empty: dict[str, list[bytes]] = {"train": [], "validation": [VALIDATION]}
    found, printed = instances.train(VERSION, GIVEN, [empty, HOSTS[1], empty], never)
    assert found == trainer.boost(VERSION, GIVEN, HOSTS[1])
    assert printed["algo-2"] == list(found.log)
    assert [printed[host][0][:45] for host in ("algo-1", "algo-3")] == [
        "Host algo-1 does not have training data. Will",
        "Host algo-3 does not have training data. Will",
    ]


def test_no_instance_with_data_is_said_in_the_containers_words() -> None:
    """A host without the validation data that the job has takes no part either."""
    without: dict[str, list[bytes]] = {"train": [PARTS[0]], "validation": []}
    with pytest.raises(trainer.TrainingFailed, match="No hosts received training data"):
        instances.train(VERSION, GIVEN, [without, without], never)


@pytest.mark.long
def test_what_one_instance_cannot_read_fails_the_job() -> None:
    """With what that instance says, not with what the others make of its end."""
    bad = {"train": [b"0.3,1,2\n7,1,2\n"], "validation": [VALIDATION]}
    with pytest.raises(trainer.TrainingFailed, match=r"label must be in \[0,1\]"):
        instances.train("1.7-1", GIVEN, [HOSTS[0], bad], never)


def test_an_instance_that_dies_fails_the_job() -> None:
    """With its exit code, as of a container that is killed; and none of its processes is left."""
    killed: list[int] = []

    def kill_one() -> None:
        for child in children():
            if not killed:
                killed.append(child)
                os.kill(child, signal.SIGKILL)

    with pytest.raises(trainer.TrainingFailed, match=r"^AlgorithmError: , exit code: 137$"):
        instances.train(VERSION, {**GIVEN, "num_round": "100000"}, HOSTS, kill_one)
    assert children() == []


def test_a_job_that_is_stopped_leaves_no_process() -> None:
    """Whatever it raises."""

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        instances.train(VERSION, GIVEN, HOSTS, stop)
    assert children() == []


def children() -> list[int]:
    """Instances that this process has started."""
    found = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return [int(each) for each in found if b"sagemaker.instance" in Path(f"/proc/{each}/cmdline").read_bytes()]


@pytest.mark.long
def test_the_containers_own_metrics_are_the_mean_of_the_instances() -> None:
    """As XGBoost takes it, however many rows each has."""
    asked = {**GIVEN, "num_round": "1", "max_depth": "1", "eval_metric": "accuracy"}
    found, _ = instances.train("1.7-1", asked, HOSTS, never)
    said = dict(part.split(":") for part in found.log[-1].split("#011")[1:])
    booster = xgboost.Booster()
    booster.load_model(bytearray(found.model))
    alone = []
    for part in PARTS:
        rows = [[float(cell) for cell in row.split(b",")] for row in part.splitlines()]
        named = booster.predict(xgboost.DMatrix([row[1:] for row in rows])) > 0.5
        alone.append(sum(bool(each) == bool(row[0]) for each, row in zip(named, rows, strict=True)) / len(rows))
    assert float(said["train-accuracy"]) == pytest.approx(sum(alone) / 2, abs=1e-5)


@pytest.mark.parametrize(
    ("distribution", "shares"), [("ShardedByS3Key", [[b"a", b"c"], [b"b"]]), (None, [[b"a", b"b", b"c"]] * 2)]
)
def test_which_objects_an_instance_is_given(distribution: str | None, shares: list[list[bytes]]) -> None:
    """A share, or all of them."""
    assert instances.shards([b"a", b"b", b"c"], distribution, 2) == shares
