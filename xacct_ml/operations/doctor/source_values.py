"""Whether the source has the gate, hyperparameters and instances that the map has: runs take the source's."""

from collections.abc import Iterator
from functools import partial

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.operations.command_names import SEND_VALUES
from xacct_ml.operations.doctor.check import Check, Finding, Subject, ok, unknown, warning
from xacct_ml.operations.source_state import compare_configuration


def checks(subject: Subject) -> Iterator[Check]:
    names = subject.names
    look = partial(_look, subject.config)
    if names.uses_codecommit:
        yield Check("values of the map", names.repository_account, names.region, "codecommit:GetFile", look)
    elif names.source_key is not None:
        yield Check("values of the map", names.shared, names.region, "s3:GetObject", look)


def _look(config: Config, accounts: Clients) -> Finding:
    state = compare_configuration(config, accounts)
    if state.problem is not None:
        return unknown(state.problem)
    if state.sentence is not None:
        return warning(state.sentence, SEND_VALUES)
    return ok("runs take what the map has")
