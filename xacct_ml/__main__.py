"""``python -m xacct_ml``, and the console script."""

import gc
import sys
from typing import NoReturn


def run() -> NoReturn:
    """The command line; an interrupt while it is still being loaded ends it quietly, too."""
    # What loading makes stays: the collector would look through it again and again, for a tenth of a command's time.
    gc.set_threshold(100_000)
    try:
        from xacct_ml.cli.main import run as command_line

        command_line()
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    run()
