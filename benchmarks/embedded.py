"""An embedded AWS in a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Served:
    """``environment`` leads into it."""

    environment: Mapping[str, str]
    process_id: int

    def peak(self) -> float | None:
        """Its largest memory so far in MiB; None where the system does not tell (proc(5), VmHWM)."""
        try:
            status = Path(f"/proc/{self.process_id}/status").read_text(encoding="ascii")
        except OSError:
            return None
        kib = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), None)
        return None if kib is None else int(kib) / 1024


@contextmanager
def embedded_aws(map_file: Path) -> Iterator[Served]:
    """With the accounts of ``map_file``, until the end of the context."""
    command = [sys.executable, "-m", "xacct_ml", "emulator", "--config", str(map_file), "--output", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            text = ""
            for line in server.stdout:
                text += line
                if line == "}\n":
                    break
            yield Served(json.loads(text)["result"]["environment"], server.pid)
        finally:
            server.send_signal(signal.SIGINT)
