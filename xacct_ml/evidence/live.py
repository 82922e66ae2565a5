"""What the judge wrote about a deployment: ``live/<target>.json`` and ``history/<target>/…``, read with bounds.

Names are as in the document, which is written by :mod:`xacct_ml.payload.live_record`."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, ValidationError

from xacct_ml.evidence.record import Line, Read
from xacct_ml.foreign import ForeignTextError, document


class LiveRecord(Read):
    """``execution`` is the run of ``pipeline`` that deployed, ``run`` the one that trained and judged."""

    schema_: Annotated[Literal["xacct-ml/live/1"], Field(alias="schema")]
    target: Line
    pipeline: Line
    execution: Line
    run: Line
    training_job: Line | None = None
    model_digest: Line | None = None
    record_key: Line | None = None
    record_digest: Line | None = None
    endpoint_config: Line | None = None
    deployed: AwareDatetime
    approved_by: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    verdict: Line | None = None


def parse(text: bytes) -> LiveRecord | None:
    """None for what is no such document of this release."""
    try:
        return LiveRecord.model_validate(document(text))
    except (ForeignTextError, ValidationError):
        return None
