"""The command that comes next, by what is there already."""

from __future__ import annotations

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.operations.command_names import CREATE_PIPELINE, STATUS, UPLOAD_DATA
from xacct_ml.operations.create_pipeline import pipeline_differs
from xacct_ml.operations.runs.executions import pipeline_state
from xacct_ml.operations.upload.data import current_manifest


def after_bootstrap(config: Config, accounts: Clients, *, changed: bool = False) -> str:
    """Data first, then the pipeline, then a look at it.

    Where bootstrap has ``changed`` something, the pipeline may have to follow, as when the repository has moved to
    another account. A hint must not fail what was done: where the data cannot be looked at it is the data, whose
    command says why.
    """
    try:
        if current_manifest(config, accounts) is None:
            return UPLOAD_DATA
        pipeline_state(config, accounts)
        if changed and pipeline_differs(config, accounts):
            return CREATE_PIPELINE
    except NotReady:
        return CREATE_PIPELINE
    except (ClientError, XacctError):
        return UPLOAD_DATA
    return STATUS
