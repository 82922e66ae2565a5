"""Files as a zip whose bytes follow from the files alone."""

import io
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip of path to content, in alphabetical order: fixed time and mode, so that equal files give equal bytes."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, date_time=_EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            # Stored: zlib's output may differ between versions, and so would the digest.
            archive.writestr(entry, content, compress_type=zipfile.ZIP_STORED)
    return package.getvalue()
