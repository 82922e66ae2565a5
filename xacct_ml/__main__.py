"""``python -m xacct_ml``."""

from xacct_ml.cli.main import run

if __name__ == "__main__":
    run()
