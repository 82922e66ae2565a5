"""The command that comes next, by what is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from xacct_ml.config.model import Config
from xacct_ml.data.upload import current_manifest
from xacct_ml.errors import NotReady
from xacct_ml.foundation import CREATE_PIPELINE
from xacct_ml.pipeline import UPLOAD_DATA
from xacct_ml.runs.executions import pipeline_state

if TYPE_CHECKING:
    from xacct_ml.aws.accounts import Clients

STATUS = "xacct-ml status"


def after_bootstrap(config: Config, accounts: Clients) -> str:
    """Data first, then the pipeline, then a look at it. Asks the shared account alone.

    A hint must not fail what was done: where the data cannot be looked at it is the data, whose command says why.
    """
    try:
        if current_manifest(config, accounts) is None:
            return UPLOAD_DATA
        pipeline_state(config, accounts)
    except NotReady:
        return CREATE_PIPELINE
    except ClientError:
        return UPLOAD_DATA
    return STATUS
