"""Whether Step Functions and CloudFormation take what the training stack is made of; both validate for nothing.

ValidateStateMachineDefinition also knows which parameters its integrations take (Step Functions API reference) [D];
ValidateTemplate reads the template alone (CloudFormation API reference) [D]."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import code_of
from xacct_ml.foreign import line
from xacct_ml.operations.doctor.check import Check, Finding, Subject, failed, ok
from xacct_ml.resources.rights import Rights, anything
from xacct_ml.system.template import template

RIGHTS = {
    "AWS::CloudFormation::Stack": (
        Rights("doctor/Look", "states: ValidateStateMachineDefinition", on=(anything,)),
        Rights("doctor/Look", "cloudformation: ValidateTemplate", on=(anything,)),
    )
}

_REPORT = "report it: AWS refuses what this release makes"


def checks(subject: Subject) -> Iterator[Check]:
    names, config = subject.names, subject.config
    yield Check(
        "state machine",
        names.training,
        names.region,
        "states:ValidateStateMachineDefinition",
        partial(_definition, names.training, subject.definition),
        quick=True,
    )
    yield Check(
        "training template",
        names.training,
        names.region,
        "cloudformation:ValidateTemplate",
        partial(_template, names.training, template(config)),
        quick=True,
    )


def _definition(account: str, definition: str, accounts: Clients) -> Finding:
    stepfunctions = accounts.client(account, "stepfunctions")
    return judge(stepfunctions.validate_state_machine_definition(definition=definition, severity="ERROR"))


def judge(answer: Mapping[str, Any]) -> Finding:
    """``answer`` is ValidateStateMachineDefinition's."""
    if answer["result"] == "OK":
        return ok("the definition is valid")
    told = [
        f"{each['code']}: {each['message']} at {each.get('location', '?')}" for each in answer.get("diagnostics", ())
    ]
    return failed(line("; ".join(told) or "the definition is not valid"), _REPORT)


def _template(account: str, text: str, accounts: Clients) -> Finding:
    try:
        accounts.client(account, "cloudformation").validate_template(TemplateBody=text)
    except ClientError as error:
        if code_of(error) != "ValidationError":
            raise
        return failed(line(str(error.response["Error"].get("Message", ""))), _REPORT)
    return ok("the template is valid")
