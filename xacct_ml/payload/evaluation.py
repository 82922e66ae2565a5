"""The part of a record that says what the candidate is worth beside the live model: both on the same rows held out,
scored by batch transforms, and what differs between the two.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.foreign import ForeignTextError, line

from .changes import data_diff, hyperparameter_diff, repeated_rows, schema_diff
from .golden_scoring import GoldenScoring, golden_key
from .held_out import Where, beside, chunks, predictions
from .job import JobFailed
from .live import Live
from .model_store import Model
from .past_record import columns_of
from .scores.importances import importances
from .scores.score import Held, Scored, compared, score
from .transforms import Transform, Transforms, transform_name

MEMBERS = (
    *("holdout", "scores", "live", "importances"),
    *("dataDiff", "schemaDiff", "hyperparameterDiff", "commits", "repeatedRows"),
)
"""What a record has of this; each is None of a run that missed its gate."""
_LARGEST_ARCHIVE_BYTES = 256 << 20
"""Of a larger model importances are not read."""


@dataclass(frozen=True)
class Candidate:
    """What is judged: the run, the execution of its judging action and when it began, the training job and what it
    trained with.
    """

    run: str
    attempt: str
    since: datetime
    job: str
    image: str
    commit: str
    hyperparameters: Mapping[str, str]
    manifest: Mapping[str, Any]


class Evaluation:
    """``settings`` are the judge's; ``where`` is bucket and expected owner; ``live`` is what serves now, if anything
    does.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        where: Where,
        s3: Any,
        transforms: Transforms,
        candidate: Candidate,
        model: str,
    ) -> None:
        self.settings = settings
        self.where = where
        self.s3 = s3
        self.transforms = transforms
        self.candidate = candidate
        self.model = model
        """The SHA-256 of the candidate's archive."""

    def ended(self, live: Live | None, now: datetime) -> bool:
        """Whether everything is predicted; what is not begun is started. Raises :class:`JobFailed`, or what SageMaker
        said, with nothing left behind.
        """
        with self._cleared_where_it_fails(live) as wanted:
            wanted = [*wanted, *self._golden_transforms()]
            return sum(self.transforms.ended(each, now, self.candidate.since) for each in wanted) == len(wanted)

    def clear(self, live: Live | None) -> None:
        """Deletes the models that were made for this. Not before the record is written: whoever comes after an
        invocation that was cut short looks at them again.
        """
        self.transforms.clear(each.name for each in [*self.wanted(live), *self._golden_transforms()])

    @contextmanager
    def _cleared_where_it_fails(self, live: Live | None) -> Iterator[list[Transform]]:
        wanted = self.wanted(live)
        try:
            yield wanted
        except (JobFailed, ClientError):
            self.transforms.clear((each.name for each in [*wanted, *self._golden_transforms()]), stop=True)
            raise

    # -- golden rows -------------------------------------------------------------------------------------------------
    def make_golden_rows(self) -> None:
        """What the endpoints that are to serve the candidate will be asked, where the map has them asked."""
        if self._golden_transforms():
            manifest = self.candidate.manifest
            features = manifest["channels"]["train"]["columns"] - 1
            self._golden().make(features, beside(self.s3, self.where, manifest.get("profile")))

    def keep_golden_answers(self, live: Live | None) -> None:
        """The candidate's answers. Raises :class:`JobFailed` where what ran is not what was asked for."""
        with self._cleared_where_it_fails(live):
            for transform in self._golden_transforms():
                self._refuse_differences(transform)
                self._golden().keep(transform.output_key)

    def _golden(self) -> GoldenScoring:
        return GoldenScoring(self.s3, self.where, self.transforms.key, self.settings["judgedPrefix"], self.model)

    def _golden_transforms(self) -> list[Transform]:
        """None where the map asks for none, or did when an earlier release made the function's environment."""
        if not self.settings.get("golden"):
            return []
        key = golden_key(self.settings["judgedPrefix"], self.model, "csv")
        return [self._transform("golden", self.candidate.image, self.model, key)]

    def _refuse_differences(self, transform: Transform) -> None:
        if faults := list(self.transforms.differences(transform)):
            raise JobFailed(f"batch transform {transform.name} is not what was asked for: {'; '.join(faults)}")

    # -- the record's members ----------------------------------------------------------------------------------------
    def members(self, live: Live | None, model: Model) -> dict[str, Any]:
        """The record's members. Raises :class:`JobFailed` where what ran is not what was asked for."""
        with self._cleared_where_it_fails(live) as wanted:
            scored = self._scored(wanted, live)
        manifest = self.candidate.manifest
        schema = beside(self.s3, self.where, manifest.get("schema_file"))
        names = None if schema is None else [str(each.get("name")) for each in schema.get("features", ())]
        profile = beside(self.s3, self.where, manifest.get("profile"))
        return {
            "holdout": _holdout_document(manifest["holdout"], profile),
            "scores": scored,
            "live": _live_document(live, self._not_scored(live)),
            "importances": self._importances(model, names),
            **self._differences(live, schema, profile, names),
        }

    def wanted(self, live: Live | None) -> list[Transform]:
        """The transforms of this judgement, but that of the golden rows."""
        candidate, rows = self.candidate, str(self.candidate.manifest["holdout"]["features"]["key"])
        found = [self._transform("candidate", candidate.image, self.model, rows)]
        if live is not None and live.record is not None and not self._not_scored(live):
            found.append(self._transform("live", str(live.record["image"]), live.digest, rows))
        return found

    def _transform(self, which: str, image: str, digest: str, rows: str) -> Transform:
        candidate, settings, bucket = self.candidate, self.settings, self.where["Bucket"]
        name = transform_name(settings["scoringNames"], candidate.job, candidate.attempt, which, digest)
        return Transform(
            which,
            name,
            image,
            f"s3://{bucket}/{settings['judgedPrefix']}/{digest}/model.tar.gz",
            f"s3://{bucket}/{rows}",
            f"s3://{bucket}/{settings['scoresPrefix']}/{candidate.run}/{candidate.job}/{which}-{name[-16:]}",
        )

    def _not_scored(self, live: Live | None) -> str:
        """Why the live model has no score; nothing where it has one."""
        if live is None:
            return ""
        if live.record is None:
            return live.missing
        theirs, ours = columns_of(live.record.get("data")), columns_of(self.candidate.manifest)
        if theirs is not None and theirs != ours:
            return f"its data have {theirs} columns, the candidate's {ours}"
        return ""

    # -- scores ------------------------------------------------------------------------------------------------------
    def _scored(self, wanted: Sequence[Transform], live: Live | None) -> dict[str, Any]:
        for transform in wanted:
            self._refuse_differences(transform)
        objects = self.candidate.manifest["holdout"]
        hyperparameters: dict[str, Mapping[str, str]] = {"candidate": self.candidate.hyperparameters}
        if live is not None and live.record is not None:
            hyperparameters["live"] = live.record.get("hyperparameters") or {}
        try:
            slices = objects.get("slices")
            held = Held.of(
                chunks(self.s3, self.where, objects["labels"]),
                None if slices is None else chunks(self.s3, self.where, slices),
            )
            if len(held.labels) != objects["scored"]:
                raise ForeignTextError(f"labels.csv has {len(held.labels):,} rows, the manifest {objects['scored']:,}")
            found: dict[str, Scored] = {
                each.which: score(hyperparameters[each.which], predictions(self.s3, self.where, each.output_key), held)
                for each in wanted
            }
        except (ForeignTextError, KeyError, ValueError) as error:
            raise JobFailed(f"the rows held out cannot be scored: {line(str(error))}") from error
        both = "live" in found
        return {
            "candidate": found["candidate"].document,
            "live": found["live"].document if both else None,
            "difference": compared(found["candidate"], found["live"]) if both else None,
        }

    def _importances(self, model: Model, names: Sequence[str] | None) -> list[dict[str, Any]] | None:
        if model.bytes > _LARGEST_ARCHIVE_BYTES:
            return None
        return importances(self.s3.get_object(**self.where, Key=model.key)["Body"], names)

    # -- what differs ------------------------------------------------------------------------------------------------
    def _differences(
        self,
        live: Live | None,
        schema: Mapping[str, Any] | None,
        profile: Mapping[str, Any] | None,
        names: Sequence[str] | None,
    ) -> dict[str, Any]:
        record = None if live is None else live.record
        candidate = self.candidate
        found: dict[str, Any] = {
            "dataDiff": None,
            "schemaDiff": None,
            "hyperparameterDiff": None,
            "commits": [None if record is None else record.get("commit"), candidate.commit],
            "repeatedRows": [None, repeated_rows(profile)],
        }
        if record is None:
            return found
        found["hyperparameterDiff"] = hyperparameter_diff(record.get("hyperparameters"), candidate.hyperparameters)
        data = record.get("data") or {}
        theirs, ours = columns_of(data), columns_of(candidate.manifest)
        read = [beside(self.s3, self.where, stored) for stored in (data.get("schemaFile"), data.get("profile"))]
        if theirs is not None and ours is not None:
            found["schemaDiff"] = schema_diff(read[0], schema, theirs, ours)
            found["dataDiff"] = data_diff(data, read[1], candidate.manifest, profile, names)
            found["repeatedRows"] = [repeated_rows(read[1]), repeated_rows(profile)]
        return found


def _holdout_document(rows: Mapping[str, Any], profile: Mapping[str, Any] | None) -> dict[str, Any]:
    """``repeated``: rows that are training rows, too, as the upload counted them; None where it did not."""
    repeated = (profile or {}).get("repeated")
    counted = repeated.get(rows["from"]) if isinstance(repeated, Mapping) else None
    return {**{name: rows.get(name) for name in ("from", "rows", "scored")}, "repeated": counted}


def _then(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """How the live model scored when it was judged, on the rows held out then."""
    scored = (record.get("scores") or {}).get("candidate")
    if not scored:
        return None
    dataset = (record.get("data") or {}).get("dataset")
    return {"dataset": dataset, "rows": scored.get("rows"), "metrics": scored.get("metrics")}


def _gate(given: Any) -> dict[str, Any] | None:
    """What the live model was asked for when it was judged."""
    names = ("metric", "direction", "threshold")
    return {name: given[name] for name in names} if isinstance(given, Mapping) and given.keys() >= {*names} else None


def _live_document(live: Live | None, not_scored: str) -> dict[str, Any] | None:
    if live is None:
        return None
    record = live.record or {}
    return {
        "execution": live.execution,
        "digest": live.digest or None,
        "recordKey": live.record_key or None,
        "target": live.target,
        "others": list(live.others),
        "notScored": not_scored or None,
        "then": _then(record),
        "gate": _gate(record.get("gate")),
        **{name: record.get(name) for name in ("image", "containerVersion", "commit", "trainingJob")},
    }
