"""One of several training instances, as a process of its own: it joins XGBoost's collective with the data that it was
given, and trains with the others.

What it does is what the container does (aws/sagemaker-xgboost-container, distributed.py, rabit_run) [C]: the first host
has the tracker, a host's rank is its place among them, every host ends with the same model, and the first one's is
kept. Started by :mod:`xacct_ml.emulator.services.sagemaker.instances`, which has told those without data apart."""

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from xacct_ml.emulator.services.sagemaker import trainer

TASK, ADDRESS, MODEL, LOG, FAILURE = "task.json", "address.json", "model", "log.json", "failure"
"""Files: the first two are shared, the others a host's own."""

LOOK_SECONDS = 0.02


def main(directory: Path, rank: int) -> None:
    """Trains, and leaves what became of it in the host's own directory."""
    threading.Thread(target=_end_with_the_embedded_aws, daemon=True).start()
    task = json.loads((directory / TASK).read_text("utf-8"))
    own = directory / task["hosts"][rank]
    channels = {
        name: [(own / name / str(place)).read_bytes() for place in range(count)]
        for name, count in task["channels"][rank].items()
    }
    try:
        boosted = _together(directory, task, rank, channels)
    except trainer.TrainingFailed as error:
        (own / FAILURE).write_text(str(error), "utf-8")
        sys.exit(1)
    (own / LOG).write_text(json.dumps(boosted.log), "utf-8")
    if rank == 0:
        (own / MODEL).write_bytes(boosted.model)


def _together(directory: Path, task: dict[str, Any], rank: int, channels: dict[str, list[bytes]]) -> trainer.Boosted:
    from xgboost import collective
    from xgboost.tracker import RabitTracker

    tracker = None
    if rank == 0:
        tracker = RabitTracker(n_workers=len(task["hosts"]), host_ip="127.0.0.1", sortby="task")
        tracker.start()
        _publish(directory / ADDRESS, json.dumps(tracker.worker_args()))
    address = {**_published(directory / ADDRESS), "dmlc_task_id": str(rank)}
    with collective.CommunicatorContext(**address):
        boosted = trainer.boost(task["version"], task["hyperparameters"], channels, task["content_type"])
    if tracker is not None:
        tracker.wait_for()
    return boosted


def _publish(file: Path, text: str) -> None:
    """All of it at once."""
    half = file.with_suffix(".part")
    half.write_text(text, "utf-8")
    half.rename(file)


def _published(file: Path) -> dict[str, Any]:
    while not file.exists():
        time.sleep(LOOK_SECONDS)
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def _end_with_the_embedded_aws() -> None:
    """Its end of the pipe is closed when it ends, however it does."""
    os.read(sys.stdin.fileno(), 1)  # not sys.stdin.read, whose lock a process cannot end with
    os._exit(1)
