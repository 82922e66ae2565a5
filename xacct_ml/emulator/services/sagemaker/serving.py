"""Serves a model.tar.gz the way the SageMaker XGBoost container does: CSV in, predictions out.

CSV without a label in, a line per row out, each with a newline, classes with commas between them; a row with fewer
features than the model is predicted without a word, one with more is 400, what cannot be read is 415, another answer
than CSV and JSON is 406 (aws/sagemaker-xgboost-container, algorithm_mode/serve.py, serve_utils.py and encoder.py) [C].
Before 1.3 the model was pickled, and the container wanted its number of features. It reads libsvm and recordio, too,
which this does not."""

from __future__ import annotations

import csv
import io
import json
import tarfile
import zlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from xacct_ml.emulator.services.sagemaker.channel_data import BadData, check_content_type, first_line
from xacct_ml.emulator.services.sagemaker.trainer import MODEL_FILE
from xacct_ml.tables.xgboost_facts import facts

_SNIFFED = 512
"""So many characters of the first line the container looks at for the delimiter."""


class ModelUnusable(Exception):
    """The archive holds no model that XGBoost can load; the message says why."""


class BadInput(Exception):
    """The container does not answer with predictions; the message is its body, ``status`` that of its answer."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in memory. XGBoost's predictions may be asked for from several threads at once."""

    booster: Any
    version: str
    """Of the image that serves it."""

    @classmethod
    def from_archive(cls, archive: bytes, version: str) -> LoadedModel:
        """Raises :class:`ModelUnusable`."""
        import xgboost

        booster = xgboost.Booster({"nthread": 1})
        try:
            booster.load_model(bytearray(_model_file(archive)))
        except (xgboost.core.XGBoostError, ValueError, TypeError) as error:
            raise ModelUnusable(f"Unable to load model: {str(error).splitlines()[0]}") from error
        return cls(booster, version)

    def predict(self, body: bytes, content_type: str, accept: str, *, batch: bool = False) -> tuple[bytes, str]:
        """The predictions and their content type, ``text/csv`` or ``application/json``. In a ``batch`` transform, which
        SAGEMAKER_BATCH tells the container, each row's is ``str()`` of it whatever is accepted [C].

        :raises BadInput: not CSV, not numbers, more features than the model's, or another answer is asked for"""
        try:
            check_content_type(self.version, content_type)
        except BadData as error:
            raise BadInput(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error)) from error
        predictions = self._predict_rows(_rows(body))
        wanted = _media_type(accept)
        if wanted == "application/json" and not batch:
            answer = {"predictions": [{"score": value} for value in predictions]}
            return json.dumps(answer).encode(), "application/json"
        if wanted not in ("", "*/*", "text/csv", *(["application/json"] if batch else [])):
            known = facts(self.version, "serving")["accepts"].split()
            reason = f"Please use supported accept types: {known}."
            raise BadInput(HTTPStatus.NOT_ACCEPTABLE, f"Accept type {accept} is not supported. {reason}")
        if batch:
            return "".join(f"{value}\n" for value in predictions).encode(), wanted or "text/csv"
        lines = (value if isinstance(value, list) else [value] for value in predictions)
        return "".join(f"{','.join(map(str, line))}\n" for line in lines).encode(), "text/csv; charset=utf-8"

    def _predict_rows(self, rows: Any) -> list[Any]:
        import xgboost

        features, given = int(self.booster.num_features()), rows.shape[1]
        if facts(self.version, "serving")["model"] == "pickle" and given not in (features, features - 1):
            raise BadInput(
                HTTPStatus.BAD_REQUEST,
                f"Unable to evaluate payload provided: Feature size of csv inference data {given} is not consistent "
                f"with feature size of trained model {features}.",
            )
        try:
            found = self.booster.predict(xgboost.DMatrix(rows), validate_features=False)
        except xgboost.core.XGBoostError as error:
            said = first_line(error)
            raise BadInput(HTTPStatus.BAD_REQUEST, f"Unable to evaluate payload provided: {said}") from error
        return list(found.tolist())


def _media_type(header: str) -> str:
    return header.split(";")[0].strip().lower()


def _model_file(archive: bytes) -> bytes:
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as packed:
            content = packed.extractfile(MODEL_FILE)
            if content is None:
                raise ModelUnusable(f"{MODEL_FILE} in model.tar.gz is not a file")
            return content.read()
    except KeyError as error:
        raise ModelUnusable(f"model.tar.gz has no file {MODEL_FILE}") from error
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ModelUnusable(f"model.tar.gz is not a gzipped tar archive: {error}") from error


def _rows(body: bytes) -> Any:
    """A row per line; an empty field is missing. The delimiter is told from the first line, and is a comma where that
    gives a digit or a letter."""
    import numpy as np

    try:
        lines = body.strip().decode("utf-8").split("\n")
        told = csv.Sniffer().sniff(lines[0][:_SNIFFED]).delimiter
        delimiter = "," if told.isalnum() else told
        return np.array([[field or "nan" for field in line.split(delimiter)] for line in lines]).astype(float)
    except (ValueError, csv.Error) as error:
        raise BadInput(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Loading csv data failed with Exception, please ensure data is in csv format:\n {type(error)}\n {error}",
        ) from error
