"""Importances of models as each version of the image keeps them. The files were made by XGBoost 1.7.6:
``save_model`` to a name without an ending, and to .json; ``pickle.dump`` of the Booster."""

from __future__ import annotations

import gzip
import io
import pickle
import random
import tarfile
from pathlib import Path

import pytest

from tests.payload.scores.trained import trained
from xacct_ml.payload.scores.importances import importances

MODELS = Path(__file__).parent / "models"
TOTAL_GAIN = {"f1": 0.84517897, "f3": 0.15482103}
"""By ``get_score(importance_type="total_gain")`` of the same Booster, as shares."""


def archive(content: bytes, name: str = "xgboost-model") -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as target:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        target.addfile(entry, io.BytesIO(content))
    packed.seek(0)
    return packed


@pytest.mark.parametrize("form", ["binary", "pickle", "json"])
def test_models_of_earlier_images(form: str) -> None:
    found = importances(archive((MODELS / f"1.7.{form}").read_bytes()))
    assert found is not None
    assert {f"f{each['column'] - 1}": each["share"] for each in found} == pytest.approx(TOTAL_GAIN, rel=1e-6)


@pytest.mark.parametrize("form", ["ubj", "json"])
def test_models_of_the_installed_xgboost(form: str, tmp_path: Path) -> None:
    booster = trained("multi:softprob", num_class=3).booster
    booster.save_model(tmp_path / f"model.{form}")
    gains = booster.get_score(importance_type="total_gain")
    found = importances(archive((tmp_path / f"model.{form}").read_bytes()), ["a", "b", "c", "d"])
    assert found is not None
    shares = {f"f{each['column'] - 1}": each["share"] for each in found}
    assert shares == pytest.approx({name: gain / sum(gains.values()) for name, gain in gains.items()}, rel=1e-5)
    assert [each["name"] for each in found if each["column"] in (1, 5)] in (["a", None], [None, "a"])


def test_a_pickle_is_not_unpickled(tmp_path: Path) -> None:
    class Planted:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "done",))  # type: ignore[return-value]

    assert importances(archive(pickle.dumps(Planted()))) is None
    assert not list(tmp_path.iterdir())


@pytest.mark.long
def test_what_is_no_model_has_none() -> None:
    deep = b"{U\x01a" + b"[" * 100_000
    many = b"{i\x01a[#l\x7f\xff\xff\xff"
    for content in (
        b"",
        b"{",
        b"{}",
        b"\x80",
        b"binf",
        b"{U\x07learnerZ",
        deep,
        many,
        b"\0" * 5_000,
        b'{"learner": 3}',
    ):
        assert importances(archive(content)) is None
    assert importances(archive(b"{}", "other")) is None
    assert importances(io.BytesIO(b"no archive")) is None
    assert importances(io.BytesIO(gzip.compress(b"\0" * (200 << 20)))) is None


def test_whatever_byte_is_changed() -> None:
    """Is read, or is not: nothing else happens."""
    drawn = random.Random(3)
    for form in ("binary", "pickle", "json"):
        whole = (MODELS / f"1.7.{form}").read_bytes()
        for _ in range(150):
            content = bytearray(whole)
            content[drawn.randrange(len(content))] = drawn.randrange(256)
            found = importances(archive(bytes(content[: drawn.randrange(len(content)) or None])))
            assert found is None or all(each["share"] > 0 for each in found)
