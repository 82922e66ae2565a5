"""How much each feature adds to a model: its share of the total gain, read from the archive. Nothing is unpickled.

The image saves a model in one of four forms, by its version (aws/sagemaker-xgboost-container, algorithm_mode/train.py
[C]; XGBoost's release notes and ``Booster.save_model`` [B]): a pickle of the Booster up to 1.2, XGBoost's own binary
form up to 2.0, UBJSON since 2.1; JSON where the file's name asks for it. The pickle holds one of the others, or a
snapshot that has it as ``Model``: it is found by reading the pickle's opcodes.
"""

import math
import pickletools
import struct
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, Any

from xacct_ml.foreign import ForeignTextError, document

from . import ubjson
from .estimate import rounded

MODEL_FILE = "xgboost-model"
LARGEST_MODEL_BYTES = 64 << 20
"""Of a larger one importances are not read; JSON takes more memory than its own size."""
LARGEST_JSON_BYTES = 16 << 20
MOST = 30
_MOST_ENTRIES = 100
_MOST_OPCODES = 100_000
_MOST_FEATURES = 1_000_000


def importances(archive: IO[bytes], names: Sequence[str] | None = None) -> list[dict[str, Any]] | None:
    """Of ``model.tar.gz``: the features with the largest shares, counted from 1, with their names where they are known.

    None where the model's form is not read, or it has no trees.
    """
    try:
        gains = _gains(_model_file(archive))
    except (
        ForeignTextError,
        struct.error,
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        RecursionError,
    ):
        return None
    total = math.fsum(gains.values())
    if not math.isfinite(total) or total <= 0:
        return None
    ordered = sorted(gains.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST]
    return [
        {
            "column": feature + 1,
            "name": names[feature] if names is not None and feature < len(names) else None,
            "share": rounded(gain / total),
        }
        for feature, gain in ordered
        if gain > 0
    ]


def _model_file(archive: IO[bytes]) -> bytes:
    try:
        with tarfile.open(fileobj=archive, mode="r|gz") as packed:
            for entry in islice(packed, _MOST_ENTRIES):
                if entry.name.removeprefix("./") == MODEL_FILE and entry.isfile():
                    content = packed.extractfile(entry)
                    if content is None or entry.size > LARGEST_MODEL_BYTES:
                        break
                    return content.read(LARGEST_MODEL_BYTES)
                if entry.size > LARGEST_MODEL_BYTES:
                    break
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ForeignTextError(f"is no gzipped tar archive: {error}") from None
    raise ForeignTextError(f"has no {MODEL_FILE} of up to {LARGEST_MODEL_BYTES:,} bytes")


def _gains(content: bytes) -> dict[int, float]:
    if content[:1] == b"\x80":
        content = _in_pickle(content)
    if content[:1] != b"{":
        return _legacy(content)
    # In UBJSON the length of the first member's name follows, in JSON a quote or a blank.
    found = document(content, LARGEST_JSON_BYTES) if content[1:2] in b'"\n\t ' else ubjson.decoded(content)
    learner = found.get("Model", found)["learner"]
    booster = learner["gradient_booster"]
    gains: dict[int, float] = {}
    for tree in booster.get("gbtree", booster)["model"]["trees"]:
        _add(gains, tree["split_indices"], tree["loss_changes"], tree["left_children"])
    return gains


def _add(gains: dict[int, float], features: Sequence[int], gained: Sequence[float], children: Sequence[int]) -> None:
    for feature, gain, child in zip(features, gained, children, strict=True):
        if child != -1:
            if not 0 <= feature < _MOST_FEATURES:
                raise ForeignTextError("has a feature of too high a number")
            gains[int(feature)] = gains.get(int(feature), 0.0) + float(gain)


def _in_pickle(content: bytes) -> bytes:
    """The longest text in a pickle, which is what XGBoost keeps of the model (``Booster.__getstate__``)."""
    longest: bytes = b""
    for _, argument, _ in islice(pickletools.genops(content), _MOST_OPCODES):
        if isinstance(argument, str):
            # Protocol 2 has bytes as text that is encoded once more.
            argument = argument.encode("latin-1", "ignore") if len(argument) > len(longest) else b""
        if isinstance(argument, bytes | bytearray) and len(argument) > len(longest):
            longest = bytes(argument)
    return longest


# -- XGBoost's own binary form, up to 2.0 (dmlc/xgboost, src/learner.cc, src/tree/tree_model.cc) [C] -------------------
_LEARNER_BYTES, _TREES_BYTES, _TREE_BYTES, _NODE_BYTES, _STATISTICS_BYTES = 136, 160, 148, 20, 16
_MARK = b"binf"
_OFFSET = b"CONFIG-offset:"


def _legacy(content: bytes) -> dict[int, float]:
    if content.startswith(_OFFSET):
        content = content[len(_OFFSET) + 8 :]
    view = memoryview(content)[len(_MARK) if content.startswith(_MARK) else 0 :]
    at = _LEARNER_BYTES
    kinds = []
    for _ in range(2):
        (length,) = struct.unpack_from("<Q", view, at)
        if length > _TREE_BYTES:
            raise ForeignTextError("is no model of XGBoost")
        kinds.append(bytes(view[at + 8 : at + 8 + length]))
        at += 8 + length
    if kinds[1] not in (b"gbtree", b"dart"):
        raise ForeignTextError("has no trees")
    (trees,) = struct.unpack_from("<i", view, at)
    at += _TREES_BYTES
    gains: dict[int, float] = {}
    for _ in range(trees):
        _, nodes = struct.unpack_from("<ii", view, at)
        start = at + _TREE_BYTES
        at = start + nodes * (_NODE_BYTES + _STATISTICS_BYTES)
        if nodes < 1 or at > len(view):
            raise ForeignTextError("is no model of XGBoost")
        _add(gains, *zip(*_nodes(view, start, nodes), strict=True))
    return gains


def _nodes(view: memoryview, start: int, count: int) -> Iterator[tuple[int, float, int]]:
    """Of each node its feature, gain and left child."""
    statistics = start + count * _NODE_BYTES
    for node in range(count):
        _, child, _, split, _ = struct.unpack_from("<iiiIf", view, start + node * _NODE_BYTES)
        gain = struct.unpack_from("<f", view, statistics + node * _STATISTICS_BYTES)[0]
        # The highest bit says where missing values go.
        yield split & 0x7FFFFFFF, gain, child
