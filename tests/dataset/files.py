"""Contents of files, read as ``upload-data`` reads them."""

import io

from xacct_ml.dataset.reading import Content, read_rows


def content(text: bytes) -> Content:
    return read_rows(io.BytesIO(text))


def rows(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def wrong(text: bytes) -> list[str]:
    return [str(fault) for fault in content(text).wrong.faults()]


def doubts(text: bytes) -> list[str]:
    return [str(fault) for fault in content(text).doubtful.faults()]
