"""The model card of a registered model, made of the run's evaluation record and of nothing else.

The members and the lengths of lists are those of the model card of a model package (SageMaker Developer Guide,
model-registry-details [D]; aws/sagemaker-python-sdk, model_card [C]); texts are cut well within the longest that are
documented for model cards. Intended uses, business and risk are for people to write: they are not in the record.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from xacct_ml.foreign import line

LARGEST_CHARACTERS = 100_000
"""ModelCardContent (SageMaker API reference, ModelPackageModelCard) [B]."""
_MOST_METRICS, _MOST_HYPERPARAMETERS, _MOST_DATASETS, _MOST_SLICES = 50, 100, 10, 100
_NAME, _VALUE, _TEXT = 63, 255, 1000

Members = dict[str, Any]


def card(pipeline: str, record: Mapping[str, Any], bucket: str, key: str, digest: str) -> str:
    """ModelCardContent. ``key`` and ``digest`` are those of the record, whose model has passed.

    Slices are left out where all of it would be too long.
    """
    location = f"s3://{bucket}/{record['model']['key']}"
    content: Members = {
        "model_overview": {"model_creator": f"xacct-ml, pipeline {pipeline}", "model_artifact": [location]},
        "training_details": _training(record),
        "evaluation_details": list(_evaluations(record, bucket, slices=True)),
        "additional_information": {"custom_details": _details(record, bucket, key, digest)},
    }
    text = _json(content)
    if len(text) > LARGEST_CHARACTERS:
        text = _json({**content, "evaluation_details": list(_evaluations(record, bucket, slices=False))})
    return text


def _json(content: Members) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _training(record: Mapping[str, Any]) -> Members:
    gate = record["gate"]
    job = {
        "training_datasets": [channel["manifest_uri"] for channel in record["data"]["channels"].values()],
        "training_environment": {"container_image": [record["image"]]},
        "training_metrics": [
            _metric(each["name"], each["value"]) for each in record["metrics"] if each["value"] is not None
        ][:_MOST_METRICS],
        "hyper_parameters": [
            {"name": line(name, _VALUE), "value": line(str(value), _VALUE)}
            for name, value in sorted(record["hyperparameters"].items())
        ][:_MOST_HYPERPARAMETERS],
    }
    told = f"Quality gate: {gate['metric']} is {gate['value']}, {gate['direction']}, threshold {gate['threshold']}: "
    return {"training_observations": line(f"{told}{gate['outcome']}", _TEXT), "training_job_details": job}


def _evaluations(record: Mapping[str, Any], bucket: str, *, slices: bool) -> Iterator[Members]:
    """Candidate, live model, and the first minus the second, all on the same rows held out."""
    holdout, scores = record.get("holdout"), record.get("scores")
    if not holdout or not scores:
        return
    features = record["data"]["holdout"]["features"]["key"]
    shown = {
        "Candidate on the rows held out": scores.get("candidate"),
        "Live model on the same rows": scores.get("live"),
        "Candidate minus live model": scores.get("difference"),
    }
    for name, found in shown.items():
        if found is None:
            continue
        groups = [_group("Metrics with 95 % intervals", _intervals(found["metrics"]))]
        if slices and found.get("slices"):
            groups.append(_group("Slices with 95 % intervals", _slices(found["slices"][:_MOST_SLICES])))
        told = f"{holdout['scored']} of {holdout['rows']} rows, from {holdout['from']}"
        yield {
            "name": name[:_NAME],
            "evaluation_observation": line(told, _TEXT),
            "datasets": [f"s3://{bucket}/{features}"][:_MOST_DATASETS],
            "metric_groups": [group for group in groups if group["metric_data"]],
        }


def _group(name: str, metrics: Iterable[Members]) -> Members:
    return {"name": name[:_NAME], "metric_data": list(metrics)}


def _intervals(metrics: Mapping[str, Mapping[str, Any]]) -> Iterator[Members]:
    for name, found in sorted(metrics.items()):
        if found["value"] is not None:
            yield {**_metric(name, found["value"]), "type": "number", "notes": f"{found['low']} to {found['high']}"}


def _slices(slices: Iterable[Mapping[str, Any]]) -> Iterator[Members]:
    for each in slices:
        if each.get("value") is not None:
            name = f"{each['metric']} where {each['column']} is {each['slice']}"
            notes = f"{each.get('low')} to {each.get('high')}"
            yield {**_metric(name, each["value"]), "type": "number", "notes": notes}


def _metric(name: str, value: float) -> Members:
    return {"name": line(name, _VALUE), "value": value}


def _details(record: Mapping[str, Any], bucket: str, key: str, digest: str) -> dict[str, str]:
    live = record.get("live") or {}
    found = {
        "record": f"s3://{bucket}/{key}",
        "record SHA-256": digest,
        "model SHA-256": record["model"]["sha256"],
        "pipeline execution": record["pipelineExecutionId"],
        "commit or version": record["commit"],
        "training job": record["trainingJob"],
        "container version": record["containerVersion"],
        "data set": record["data"]["dataset"],
        "live model at that time": live.get("digest"),
    }
    return {name: line(str(value), _TEXT) for name, value in found.items() if value}
