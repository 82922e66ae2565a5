"""Training on several instances: a process for each, with its own data, in XGBoost's own collective.

Which instance is given which object: "approximately 1/n of the number of S3 objects" (SageMaker API reference,
S3DataSource) [B]; that it is every n-th of them is assumed [U]. A host without training data, or without validation
data where there is that channel, says so and takes no part (aws/sagemaker-xgboost-container, algorithm_mode/train.py
and distributed.py) [C]. The job fails with what the process that ended of itself had to say [U]."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.services.sagemaker import channel_data, instance, trainer
from xacct_ml.tables.xgboost_distribution import SHARDED

Channels = Mapping[str, Sequence[bytes]]
"""Name → the files that one instance has."""

_COLLECTIVE = "/collective/"
"""In what XGBoost says where the others are gone: the place in its source."""

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from pathlib import Path; from {module} import main; "
    "main(Path(sys.argv[2]), int(sys.argv[3]))"
)


def host(place: int) -> str:
    """The name of an instance in its network, and in its log stream."""
    return f"algo-{place + 1}"


def shards(files: Sequence[bytes], distribution: str | None, count: int) -> list[Sequence[bytes]]:
    """What each of ``count`` instances is given of a channel; everything where it is replicated, which is the
    default."""
    return [files[place::count] if distribution == SHARDED else files for place in range(count)]


def train(
    version: str,
    given: Mapping[str, str],
    hosts: Sequence[Channels],
    check_stop: Callable[[], None],
    content_type: str = channel_data.CSV,
) -> tuple[trainer.Boosted, dict[str, list[str]]]:
    """The model, and what each host but the one that trains first printed. ``check_stop`` raises where the job is to
    stop; ``given`` is as :func:`trainer.checked` answers.

    :raises trainer.TrainingFailed: with the job's FailureReason"""
    printed = {host(place): _not_used(host(place), channels) for place, channels in enumerate(hosts)}
    # By name, as the container sorts them: algo-10 is before algo-2.
    taking_part = sorted((place for place in range(len(hosts)) if not printed[host(place)]), key=host)
    if not taking_part:
        raise trainer.TrainingFailed(trainer.framework_error("RuntimeError: No hosts received training data."))
    if len(taking_part) == 1:
        boosted = trainer.boost(version, given, hosts[taking_part[0]], content_type)
    else:
        task = {"version": version, "hyperparameters": dict(given), "content_type": content_type}
        boosted = _in_processes(task, {host(place): hosts[place] for place in taking_part}, check_stop)
    first = host(taking_part[0])
    return boosted, {name: lines for name, lines in {**printed, first: list(boosted.log)}.items() if lines}


def _not_used(name: str, channels: Channels) -> list[str]:
    """What a host that takes no part prints."""
    ending = f"Will broadcast to cluster and this host {name} will not be used in distributed training."
    return [
        f"Host {name} does not have {kind} data. {ending}"
        for channel, kind in (("train", "training"), ("validation", "validation"))
        if channel in channels and not any(channels[channel])
    ]


def _in_processes(
    task: Mapping[str, Any], hosts: Mapping[str, Channels], check_stop: Callable[[], None]
) -> trainer.Boosted:
    with runtime.temporary_directory("instances-") as path:
        directory = Path(path)
        for name, channels in hosts.items():
            _lay_out(directory / name, channels)
        task = {
            **task,
            "hosts": list(hosts),
            "channels": [{name: len(files) for name, files in channels.items()} for channels in hosts.values()],
        }
        (directory / instance.TASK).write_text(json.dumps(task), "utf-8")
        processes = [_process(directory, rank, name) for rank, name in enumerate(hosts)]
        try:
            _wait(processes, [directory / name for name in hosts], check_stop)
        finally:
            for process in processes:
                process.kill()
                process.communicate()
        first = directory / next(iter(hosts))
        return trainer.Boosted(
            (first / instance.MODEL).read_bytes(), tuple(json.loads((first / instance.LOG).read_text("utf-8")))
        )


def _lay_out(directory: Path, channels: Channels) -> None:
    for name, files in channels.items():
        (directory / name).mkdir(parents=True)
        for place, content in enumerate(files):
            (directory / name / str(place)).write_bytes(content)


def _process(directory: Path, rank: int, name: str) -> "subprocess.Popen[bytes]":
    """With nothing of this process's environment; it ends when the pipe to it is closed."""
    start, own = _START.format(module=instance.__name__), str(directory / name)
    return subprocess.Popen(
        [sys.executable, "-I", "-B", "-c", start, json.dumps(sys.path), str(directory), str(rank)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=directory,
        env={"PATH": os.defpath, "HOME": own, "TMPDIR": own, "OMP_NUM_THREADS": "1"},
    )


def _wait(
    processes: "Sequence[subprocess.Popen[bytes]]", directories: Sequence[Path], check_stop: Callable[[], None]
) -> None:
    """:raises trainer.TrainingFailed: one ended in another way than well"""
    while any(process.poll() is None for process in processes):
        check_stop()
        if cause := _cause(processes, directories):
            raise trainer.TrainingFailed(cause)
        time.sleep(instance.LOOK_SECONDS)
    for said in (_cause(processes, directories), *_failures(processes, directories)):
        if said is not None:
            raise trainer.TrainingFailed(said)


def _cause(processes: "Sequence[subprocess.Popen[bytes]]", directories: Sequence[Path]) -> str | None:
    """What one of them fails with, that is not the end of another: of that the collective tells the rest."""
    return next((said for said in _failures(processes, directories) if _COLLECTIVE not in said), None)


def _failures(processes: "Sequence[subprocess.Popen[bytes]]", directories: Sequence[Path]) -> list[str]:
    """One that was killed says nothing, and SageMaker has its exit code alone [U]: a signal's is 128 more than its
    number (aws/sagemaker-python-sdk #134) [C]."""
    found = []
    for process, directory in zip(processes, directories, strict=True):
        if code := process.poll():
            said = directory / instance.FAILURE
            killed = f"AlgorithmError: , exit code: {code if code > 0 else 128 - code}"
            found.append(said.read_text("utf-8") if said.exists() else killed)
    return found
