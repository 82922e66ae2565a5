"""Serving as the SageMaker XGBoost container does it."""

from __future__ import annotations

import gzip
import io
import json
import tarfile

import numpy as np
import pytest
import xgboost

from tests.emulator.services.sagemaker.workloads import DATA, PARAMETERS, first_rows
from xacct_ml.emulator.services.sagemaker.serving import BadInput, LoadedModel, ModelUnusable
from xacct_ml.emulator.services.sagemaker.trainer import train


@pytest.fixture(scope="module")
def archive() -> bytes:
    return train({"train": [(DATA / "train.csv").read_bytes()]}, PARAMETERS, "1.7-1").archive


@pytest.fixture(scope="module")
def model(archive: bytes) -> LoadedModel:
    return LoadedModel.from_archive(archive)


def packed(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def test_one_prediction_per_line(model: LoadedModel) -> None:
    """In the order of the rows, as XGBoost itself predicts."""
    body, content_type = model.predict(first_rows(7), "text/csv", "*/*")
    table = np.loadtxt(DATA / "validation.csv", delimiter=",", max_rows=7)
    expected = model.booster.predict(xgboost.DMatrix(table[:, 1:]), validate_features=False)
    assert content_type.startswith("text/csv")
    assert [float(line) for line in body.decode().split("\n")] == pytest.approx(expected.tolist())


def test_json_is_answered_where_it_is_accepted(model: LoadedModel) -> None:
    """A score per row."""
    body, content_type = model.predict(first_rows(2), "text/csv; charset=utf-8", "application/json")
    assert content_type == "application/json"
    assert len(json.loads(body)["predictions"]) == 2


def test_an_empty_field_is_missing(model: LoadedModel) -> None:
    """As in the container when serving."""
    row = first_rows(1).decode().split(",")
    row[0] = ""
    body, _ = model.predict(",".join(row).encode(), "text/csv", "")
    table = np.array([[float("nan"), *map(float, row[1:])]])
    expected = model.booster.predict(xgboost.DMatrix(table), validate_features=False)
    assert float(body) == pytest.approx(float(expected[0]))


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"1,2,3", "text/csv", "Feature size of csv inference data 3 is not consistent"),
        (b"a,b", "text/csv", "please ensure data is in csv format"),
        (b"\xff\xfe", "text/csv", "please ensure data is in csv format"),
        (b"", "text/csv", "no rows"),
        (b"{}", "application/json", "not supported"),
    ],
)
def test_bad_input_is_refused(model: LoadedModel, body: bytes, content_type: str, words: str) -> None:
    """With the container's words."""
    with pytest.raises(BadInput, match=words):
        model.predict(body, content_type, "")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no archive", "not a gzipped tar archive"),
        (gzip.compress(b"no tar"), "not a gzipped tar archive"),
        (packed("other", b"x"), "has no file xgboost-model"),
        (packed("xgboost-model", b"not a model"), "Unable to load model"),
    ],
    ids=["no archive", "no tar in it", "no model in it", "no model that XGBoost reads"],
)
def test_what_is_no_model_cannot_be_loaded(content: bytes, words: str) -> None:
    """The reason says how far it got."""
    with pytest.raises(ModelUnusable, match=words):
        LoadedModel.from_archive(content)


def test_a_truncated_archive_cannot_be_loaded(archive: bytes) -> None:
    """Also when only its end is missing."""
    with pytest.raises(ModelUnusable):
        LoadedModel.from_archive(archive[: len(archive) // 2])
