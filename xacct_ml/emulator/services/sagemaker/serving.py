"""Serves a model.tar.gz the way the SageMaker XGBoost container does: CSV in, predictions out.

CSV without a label in, one prediction per line out (SageMaker developer guide, "XGBoost algorithm" [D]; that it is a
newline and not a comma between them is assumed [U]). The words of a width that does not fit are the container's [C]."""

from __future__ import annotations

import io
import json
import tarfile
import zlib
from dataclasses import dataclass
from typing import Any

from xacct_ml.emulator.services.sagemaker.trainer import MODEL_FILE


class ModelUnusable(Exception):
    """The archive holds no model that XGBoost can load; the message says why."""


class BadInput(Exception):
    """The container answers 400; the message is its body."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in memory. XGBoost's predictions may be asked for from several threads at once."""

    booster: Any
    features: int

    @classmethod
    def from_archive(cls, archive: bytes) -> LoadedModel:
        """Raises :class:`ModelUnusable`."""
        import xgboost

        booster = xgboost.Booster({"nthread": 1})
        try:
            booster.load_model(bytearray(_model_file(archive)))
        except (xgboost.core.XGBoostError, ValueError, TypeError) as error:
            raise ModelUnusable(f"Unable to load model: {str(error).splitlines()[0]}") from error
        return cls(booster, int(booster.num_features()))

    def predict(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """The predictions and their content type, ``text/csv`` or ``application/json``.

        :raises BadInput: not CSV, not numbers, or another number of features than the model's"""
        if content_type.split(";")[0].strip().lower() != "text/csv":
            raise BadInput(f"Content-type {content_type} is not supported; send text/csv.")
        predictions = self._predict_rows(_rows(body))
        if accept.split(";")[0].strip().lower() == "application/json":
            answer = {"predictions": [{"score": value} for value in predictions]}
            return json.dumps(answer).encode(), "application/json"
        return "\n".join(str(value) for value in predictions).encode(), "text/csv; charset=utf-8"

    def _predict_rows(self, rows: list[list[float]]) -> list[Any]:
        import numpy as np
        import xgboost

        widths = {len(row) for row in rows}
        wrong = next(iter(widths - {self.features}), None)
        if wrong is not None:
            raise BadInput(
                f"Unable to evaluate payload provided: Feature size of csv inference data {wrong} is not consistent "
                f"with feature size of trained model {self.features}."
            )
        found = self.booster.predict(xgboost.DMatrix(np.asarray(rows, dtype=np.float32)), validate_features=False)
        return list(found.tolist())


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


def _rows(body: bytes) -> list[list[float]]:
    """A row per line; an empty field is missing, as the container reads it when serving [C]."""
    try:
        lines = [line for line in body.decode("utf-8").splitlines() if line.strip()]
        rows = [[float(field) if field.strip() else float("nan") for field in line.split(",")] for line in lines]
    except ValueError as error:
        raise BadInput(
            f"Loading csv data failed with Exception, please ensure data is in csv format: {error}"
        ) from error
    if not rows:
        raise BadInput("Loading csv data failed with Exception, please ensure data is in csv format: no rows")
    return rows
