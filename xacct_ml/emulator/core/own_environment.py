"""This process's environment, out of the sight of the programs that it starts.

Linux shows the environment that a process was started with in ``/proc/<pid>/environ``, to every process of the same
user, also after variables were deleted (proc_pid_environ(5) [D])."""

import ctypes
import os
from pathlib import Path

_ENV_START, _ENV_END = 49, 50
"""Fields 50 and 51 of /proc/self/stat (proc_pid_stat(5) [D])."""


def hide() -> bool:
    """Overwrite the block that the kernel shows; what the process itself reads stays. False where it cannot be found:
    off Linux."""
    try:
        # the second field, the program's name, is in parentheses and may hold spaces
        after_name = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        start, end = int(after_name[_ENV_START - 2]), int(after_name[_ENV_END - 2])
    except (OSError, ValueError, IndexError):
        return False
    if not 0 < start < end:
        return False
    for name, value in os.environ.items():  # the C library copies each, and forgets the block
        os.putenv(name, value)
    ctypes.memset(start, 0, end - start)
    return True
