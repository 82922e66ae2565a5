"""The request of a release: one object, each of whose versions starts the release pipeline."""

import json
from dataclasses import dataclass

from xacct_ml.payload.release import SCHEMA
from xacct_ml.payload.source import REQUEST_FILE
from xacct_ml.system.package import packed


@dataclass(frozen=True, slots=True)
class Request:
    """``run`` is the one that trained and judged the model; what follows it says what the judge told the pipeline of it
    then, and is checked. ``schema_change``: columns that differ from a target's live model's are meant."""

    run: str
    training_job: str
    model_digest: str
    record_key: str
    record_digest: str
    targets: tuple[str, ...]
    schema_change: bool = False
    reason: str = ""

    @property
    def content(self) -> bytes:
        """The zip."""
        document = {
            "schema": SCHEMA,
            "run": self.run,
            "trainingJob": self.training_job,
            "modelDigest": self.model_digest,
            "recordKey": self.record_key,
            "recordDigest": self.record_digest,
            "targets": list(self.targets),
            "schemaChange": self.schema_change,
            "reason": self.reason,
        }
        return packed({REQUEST_FILE: json.dumps(document, indent=2).encode()})
