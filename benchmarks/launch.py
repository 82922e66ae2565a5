"""``python launch.py COMMAND …``: runs a command and prints what it took as JSON.

``{"code", "seconds", "processor", "peak"}``: the exit code, wall-clock and processor time in seconds, and memory.

A small program of its own, because Linux counts what the starting process had in memory as the started one's peak.
``peak`` is in MiB (getrusage(2): kilobytes on Linux, bytes on macOS); the command's standard error is passed on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def main(command: list[str]) -> None:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    processor = usage.ru_utime + usage.ru_stime
    peak = usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    sys.stdout.write(json.dumps({"code": process.returncode, "seconds": seconds, "processor": processor, "peak": peak}))


if __name__ == "__main__":
    main(sys.argv[1:])
