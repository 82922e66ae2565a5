"""What the rest of the pipeline needs to know of its source."""

from dataclasses import dataclass

from xacct_ml.system.actions.action import Stage
from xacct_ml.system.statements import Document
from xacct_ml.system.thing import Thing

SOURCE_STAGE = "Source"
SOURCE_ARTIFACT = "Source"
SOURCE_NAMESPACE = "SourceVariables"


@dataclass(frozen=True)
class Source:
    """The first stages of a pipeline.

    ``artifact`` holds the template and its configuration at its top; ``revision`` is the variable that CodePipeline
    resolves to what identifies them (a commit id, an object's version id). ``triggers`` start the pipeline on a
    new revision, where no event does. ``thing`` is where the revisions come from."""

    stages: tuple[Stage, ...]
    artifact: str
    revision: str
    thing: Thing
    triggers: tuple[Document, ...] = ()
