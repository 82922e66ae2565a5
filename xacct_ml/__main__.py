"""``python -m xacct_ml``, and the console script."""

import gc
import signal
import sys
from typing import NoReturn


def run() -> NoReturn:
    """The command line; an interrupt while it is still being loaded is told like any other."""
    # What loading makes stays: the collector would look through it again and again, for a tenth of a command's time.
    gc.set_threshold(100_000)
    try:
        from xacct_ml.cli.main import run as command_line

        command_line()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        from xacct_ml.cli.main import interrupted

        sys.exit(interrupted(sys.argv[1:]))


if __name__ == "__main__":
    run()
