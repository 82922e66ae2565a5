"""Files that commands write: none is overwritten."""

from pathlib import Path

from xacct_ml.errors import InputError


def free(path: Path, option: str = "--out") -> None:
    """Raises :class:`InputError`, which names ``option``, where there is a file already."""
    if path.exists():
        raise InputError(f"{path} is there already", next_step=f"give another {option} FILE")


def write_new(path: Path, content: bytes, option: str = "--out") -> int:
    """How many bytes were written. Raises :class:`InputError` where there is a file already, or no place for one."""
    free(path, option)
    try:
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}") from None
    return len(content)
