"""What the rest of the pipeline needs to know of its source."""

from __future__ import annotations

from dataclasses import dataclass

from xacct_ml.documents.statements import Document

SOURCE_STAGE = "Source"
SOURCE_ARTIFACT = "Source"
SOURCE_NAMESPACE = "SourceVariables"


@dataclass(frozen=True)
class Source:
    """The first stages of a pipeline.

    ``artifact`` holds the template and its configuration at its top; ``revision`` is the variable that CodePipeline
    resolves to what identifies them (a commit id, an object's version id).
    """

    stages: tuple[Document, ...]
    artifact: str
    revision: str
    triggers: tuple[Document, ...] = ()
