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

VERSION = "1.7-1"


@pytest.fixture(scope="module")
def archive() -> bytes:
    return train({"train": [(DATA / "train.csv").read_bytes()]}, PARAMETERS, VERSION).archive


@pytest.fixture(scope="module")
def model(archive: bytes) -> LoadedModel:
    return LoadedModel.from_archive(archive, VERSION)


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
    assert body.endswith(b"\n")
    assert [float(line) for line in body.decode().splitlines()] == pytest.approx(expected.tolist())


def test_classes_are_columns() -> None:
    """A row of multi:softprob is a line of numbers, of multi:softmax one number."""
    rows = [line.split(b",", 1)[1] for line in (DATA / "train.csv").read_bytes().splitlines()[:90]]
    data = {"train": [b"".join(b"%d,%s\n" % (index % 3, row) for index, row in enumerate(rows))]}
    given = {"num_round": "2", "num_class": "3"}
    for objective, columns in (("multi:softprob", 3), ("multi:softmax", 1)):
        served = LoadedModel.from_archive(train(data, {**given, "objective": objective}, VERSION).archive, VERSION)
        body, _ = served.predict(b"\n".join(rows[:2]), "text/csv", "")
        lines = body.decode().split("\n")
        assert [len(line.split(",")) for line in lines[:2]] == [columns, columns]
        assert lines[2:] == [""]
        assert sum(map(float, lines[0].split(","))) == pytest.approx(1 if columns == 3 else float(lines[0]))


def test_fewer_features_are_predicted_without_a_word(model: LoadedModel) -> None:
    """The rest is missing."""
    body, _ = model.predict(b"1,2,3\n", "text/csv", "")
    assert 0 < float(body) < 1


def test_a_pickled_model_wants_its_features(archive: bytes) -> None:
    """As images before 1.3 stored it."""
    earlier = LoadedModel.from_archive(archive, "1.2-2")
    with pytest.raises(
        BadInput, match=r"Feature size of csv inference data 3 is not consistent with .* model \d+"
    ) as caught:
        earlier.predict(b"1,2,3\n", "text/csv", "")
    assert caught.value.status == 400
    assert earlier.predict(first_rows(1), "text/csv", "")[0]


@pytest.mark.parametrize("value", [b"5.1", b"1e5", b"-0.5", b"7"])
def test_a_digit_is_no_delimiter(value: bytes) -> None:
    """The container tells the delimiter from the line, and takes a digit or letter for a comma."""
    data = {"train": [b"0,1\n1,9\n0,2\n1,8\n" * 10]}
    served = LoadedModel.from_archive(train(data, {**PARAMETERS, "num_round": "2"}, VERSION).archive, VERSION)
    assert len(served.predict(value, "text/csv", "")[0].splitlines()) == 1


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
    ("body", "content_type", "accept", "status", "words"),
    [
        (b"1" + b",1" * 400, "text/csv", "", 400, "Unable to evaluate payload provided: .*Number of columns does not"),
        (b"a,b", "text/csv", "", 415, "please ensure data is in csv format"),
        (b"1,2\n1,2,3", "text/csv", "", 415, "please ensure data is in csv format"),
        (b"\xff\xfe", "text/csv", "", 415, "please ensure data is in csv format"),
        (b"", "text/csv", "", 415, "please ensure data is in csv format"),
        (b"{}", "application/json", "", 415, "application/json is not an accepted ContentType: csv, libsvm"),
        (b"1:2", "text/libsvm", "", 415, "not supported in the embedded AWS"),
        (b"1,2", "text/csv; label_size=2", "", 415, "label_size must be equal to 1"),
        (b"1,2", "text/csv", "image/png", 406, "Accept type image/png is not supported"),
    ],
)
def test_bad_input_is_refused(
    model: LoadedModel, body: bytes, content_type: str, accept: str, status: int, words: str
) -> None:
    """With the container's status and words."""
    with pytest.raises(BadInput, match=words) as caught:
        model.predict(body, content_type, accept)
    assert caught.value.status == status


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
        LoadedModel.from_archive(content, VERSION)


def test_a_truncated_archive_cannot_be_loaded(archive: bytes) -> None:
    """Also when only its end is missing."""
    with pytest.raises(ModelUnusable):
        LoadedModel.from_archive(archive[: len(archive) // 2], VERSION)
