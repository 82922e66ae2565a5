"""Where the training template and its configuration come from: one module for each kind of source.

Each gives the pipeline's first stages as a :class:`Source`. The stage that follows reads ``artifact`` and knows
nothing of the kind."""

from xacct_ml.config.model import Config
from xacct_ml.system.keys import Keys
from xacct_ml.system.sources import codecommit, connection, other_account, s3
from xacct_ml.system.sources.source import Source


def source(config: Config, keys: Keys) -> Source:
    """The map's source. Its checks see to it that there is one."""
    if config.pipeline.connection is not None:
        return connection.source(config, config.pipeline.connection)
    if config.pipeline.source_object is not None:
        return s3.source(config, config.pipeline.source_object)
    return codecommit.source(config) if config.accounts.source is None else other_account.source(config, keys)
