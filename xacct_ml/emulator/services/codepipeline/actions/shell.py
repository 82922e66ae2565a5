"""Commands in a shell of their own: a process group with nothing of this process but time, space and a directory.

No sandbox against malice: whoever pushes to the repository of an embedded AWS runs as its user anyhow. It keeps a
careless command from hanging, from filling disk and memory, and from seeing this process's environment."""

import os
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

MAXIMUM_OUTPUT = 1_000_000
"""Characters that are kept of what commands print."""
_FILE_BLOCKS, _MEMORY_KILOBYTES = f"-f {256 * 1024 * 2}", f"-v {2 * 1024 * 1024}"
"""The shell's own limits: 256 MB for a file (in blocks of 512 bytes), 2 GB of memory."""


@dataclass(frozen=True, slots=True)
class Script:
    """Single-line ``commands``; ``exported`` are the variables to read when all is done."""

    commands: Sequence[str]
    exported: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """``failure`` names the command that failed and its exit code; None where all succeeded."""

    printed: str
    failure: str | None
    variables: Mapping[str, str] = field(default_factory=dict)


def run(script: Script, directory: Path, seconds: float) -> Result:
    """Run the commands in ``directory``, one after the other in one shell, until one fails or the time is over."""
    state = directory.parent / "state"
    state.mkdir()
    printed = state / "printed"
    with printed.open("wb") as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", _text(script, state, seconds)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env={"PATH": os.defpath, "HOME": str(directory.parent), "LANG": "C.UTF-8", **script.environment},
            start_new_session=True,
        )
        try:
            code: int | None = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # also what was left in the background
            process.wait()
    return Result(_beginning(printed), _failure(script, state, code, seconds), _variables(script, state))


def _text(script: Script, state: Path, seconds: float) -> str:
    """Each command notes its number first, so that the one that ended the shell is known."""
    number, exported = shlex.quote(str(state / "number")), shlex.quote(str(state / "exported"))
    lines = [
        f"ulimit {limit} 2>/dev/null" for limit in (f"-t {int(seconds) + 1}", "-c 0", _FILE_BLOCKS, _MEMORY_KILOBYTES)
    ]
    for position, command in enumerate(script.commands):
        lines.append(f"echo {position} > {number}")
        lines.append(f"echo {shlex.quote(f'[Container] Running command {command}')}")
        lines.append(f"eval {shlex.quote(command)} || exit $?")
    lines.extend(f"printf '%s\\0' \"${{{name}-}}\" >> {exported}" for name in script.exported)
    return "\n".join(lines)


def _beginning(printed: Path) -> str:
    with printed.open(encoding="utf-8", errors="replace") as file:
        text = file.read(MAXIMUM_OUTPUT)
        return f"{text}\n[Container] output cut here" if file.read(1) else text


def _failure(script: Script, state: Path, code: int | None, seconds: float) -> str | None:
    if code == 0:
        return None
    number = int((state / "number").read_text())
    command = script.commands[number]
    if code is None:
        return f"Error while executing command: {command}. Reason: it did not end within {seconds:.0f} seconds"
    return f"Error while executing command: {command}. Reason: exit status {code if code > 0 else 128 - code}"


def _variables(script: Script, state: Path) -> dict[str, str]:
    exported = state / "exported"
    if not exported.exists():
        return {}
    values = exported.read_text(encoding="utf-8", errors="replace").split("\0")
    return dict(zip(script.exported, values, strict=False))
