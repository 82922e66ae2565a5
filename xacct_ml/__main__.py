"""``python -m xacct_ml``, and the console script."""

import sys
from typing import NoReturn


def run() -> NoReturn:
    """The command line; an interrupt while it is still being loaded ends it quietly, too."""
    try:
        from xacct_ml.cli.main import run as command_line

        command_line()
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    run()
