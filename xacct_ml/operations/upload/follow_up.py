"""What comes after an upload of data."""

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.operations.command_names import CREATE_PIPELINE, START, WATCH
from xacct_ml.operations.runs.executions import pipeline_state


def follow_up(config: Config, accounts: Clients, *, announced: bool) -> str:
    """The command that comes next: the pipeline, where there is none yet; else a look at the run that the data have
    started, or a run, where they were ``announced`` before. Who may only upload is told to look."""
    try:
        pipeline_state(config, accounts)
    except NotReady:
        return CREATE_PIPELINE
    except (BotoCoreError, ClientError, XacctError):
        return WATCH
    return WATCH if announced else START
