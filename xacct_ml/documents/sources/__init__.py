"""Where the training template and its configuration come from: one module for each kind of source.

Each gives the pipeline's first stages as a :class:`Source`. The stage that follows reads ``artifact`` and knows
nothing of the kind.
"""

from __future__ import annotations

from xacct_ml.config.model import Config
from xacct_ml.documents.sources import codecommit
from xacct_ml.documents.sources.source import Source


def source(config: Config) -> Source:
    return codecommit.source(config)
