"""The repository's first commit: the training template and what an ML team tunes. From then on both belong to
that team."""

import json

from xacct_ml.config.model import Config
from xacct_ml.system.template import CONFIGURATION_FILE, TEMPLATE_FILE, configuration, template

FIRST_COMMIT_MESSAGE = "Training template and configuration, seeded by xacct-ml"


def first_commit(config: Config) -> dict[str, bytes]:
    """Path to content."""
    return {
        TEMPLATE_FILE: template(config).encode(),
        CONFIGURATION_FILE: (json.dumps(configuration(config), indent=2) + "\n").encode(),
    }
