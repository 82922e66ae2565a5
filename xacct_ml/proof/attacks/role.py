"""Attacks by way of roles: assuming them, having a service assume them, passing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xacct_ml.access.model import ContextValue
from xacct_ml.config.model import Config
from xacct_ml.proof.attacks.intruder import Attack, intruders
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT, UNRELATED
from xacct_ml.proof.requests.hop import Sender
from xacct_ml.system.names import Names
from xacct_ml.system.roles import RoleDocument

SERVICE_ROLES = {
    "pipeline": "codepipeline.amazonaws.com",
    "start": "events.amazonaws.com",
    "forward": "events.amazonaws.com",
    "copy-model": "lambda.amazonaws.com",
    "cloudformation": "cloudformation.amazonaws.com",
    "state-machine": "states.amazonaws.com",
    "training": "sagemaker.amazonaws.com",
    "deploy-function": "lambda.amazonaws.com",
    "endpoint": "sagemaker.amazonaws.com",
}
SOURCES = {
    "pipeline": ("codepipeline", "any"),
    "start": ("events", "rule/any"),
    "forward": ("events", "rule/any"),
    "copy-model": ("lambda", "function:any"),
    "cloudformation": ("cloudformation", "stack/any/id"),
    "state-machine": ("states", "stateMachine:any"),
    "training": ("sagemaker", "training-job/any"),
    "deploy-function": ("lambda", "function:any"),
    "endpoint": ("sagemaker", "*"),
}
"""For whom a service acts, as ``aws:SourceArn`` would say it; ``*`` is what SageMaker hosting sends literally."""

STRANGERS = {
    "pipeline": ("codepipeline", UNRELATED, "another pipeline"),
    "start": ("events", f"rule/{UNRELATED}", "another rule"),
    "forward": ("events", f"rule/{UNRELATED}", "another rule"),
    "copy-model": ("lambda", f"function:{UNRELATED}", "another function"),
    "cloudformation": ("cloudformation", f"stack/{UNRELATED}/id", "another stack"),
    "state-machine": ("states", f"activity:{UNRELATED}", "something that is no state machine"),
    "training": ("sagemaker", f"processing-job/{UNRELATED}", "something that is no training job"),
    "deploy-function": ("lambda", f"function:{UNRELATED}", "another function"),
    "endpoint": ("sagemaker", f"notebook-instance/{UNRELATED}", "something that is no endpoint"),
}
"""Resources of the role's own account that must not act under the role."""


def role_attacks(config: Config, send: Sender, made: Sequence[RoleDocument]) -> Iterator[Attack]:
    yield from _administrators(config, send, made)
    yield from _role_assumption(config, send, made)
    yield from _confused_deputies(send, made)
    yield from _passing_roles(config, send, made)


def _administrators(config: Config, send: Sender, made: Sequence[RoleDocument]) -> Iterator[Attack]:
    for words, intruder in intruders(config).items():
        for role in made:
            if role.account != intruder.split(":")[4]:
                what = f"assumes {role.name} in {role.account}"
                yield Attack(f"An administrator of {words}", what, send.assume_from(intruder, role.arn))


def _role_assumption(config: Config, send: Sender, made: Sequence[RoleDocument]) -> Iterator[Attack]:
    """Every role into every other, but the intended."""
    names = send.names
    intended = {
        *([(names.pipeline_role, names.source_action_role)] if names.source_account is not None else []),
        (names.pipeline_role, names.train_action_role),
        *((names.pipeline_role, names.deploy_action_role(target)) for target in config.accounts.production),
        *((names.deploy_function_role(target), names.job_result_role) for target in config.accounts.production),
    }
    for role in made:
        for other in made:
            if role.arn != other.arn and (role.arn, other.arn) not in intended:
                what = f"{role.name} assumes {other.name} in {other.account}"
                yield Attack("Role assumption", what, send.assume_from(role.arn, other.arn))


def _confused_deputies(send: Sender, made: Sequence[RoleDocument]) -> Iterator[Attack]:
    """A service that acts for somebody else and says so, in whichever of the two keys it sends; and services that
    have no business with a role.
    """
    for role in made:
        for service in sorted(set(SERVICE_ROLES.values())):
            if SERVICE_ROLES.get(role.job) != service:
                what = f"{service} assumes {role.name} in {role.account}"
                request = send.assume(service, role.arn, {"aws:SourceAccount": role.account})
                yield Attack("Confused deputy", what, request)
                continue
            for words, context in _sources(send.names, role).items():
                what = f"{service} assumes {role.name} {words}"
                yield Attack("Confused deputy", what, send.assume(service, role.arn, context))


def _sources(names: Names, role: RoleDocument) -> Mapping[str, Mapping[str, ContextValue]]:
    """Contexts in which the very service of the role must be refused, by their words."""
    kind, source = SOURCES[role.job]
    foreign = names.arn(kind, FOREIGN_ACCOUNT, source)
    account: dict[str, ContextValue] = {"aws:SourceAccount": FOREIGN_ACCOUNT}
    found: dict[str, dict[str, ContextValue]] = {
        "for a foreign account": {**account, "aws:SourceArn": foreign},
        "for a foreign account (naming only the account)": account,
    }
    if role.job in STRANGERS:
        found["for a foreign account (naming only the resource)"] = {"aws:SourceArn": foreign}
        stranger_kind, stranger, words = STRANGERS[role.job]
        arn = names.arn(stranger_kind, role.account, stranger)
        found[f"for {words}"] = {"aws:SourceAccount": role.account, "aws:SourceArn": arn}
    return found


def _passing_roles(config: Config, send: Sender, made: Sequence[RoleDocument]) -> Iterator[Attack]:
    """Any role of the same account to any service, but the intended role to the intended service."""
    names = send.names
    intended = {
        (names.train_action_role, names.cloudformation_role, "cloudformation.amazonaws.com"),
        (names.cloudformation_role, names.state_machine_role, "states.amazonaws.com"),
        (names.state_machine_role, names.training_role, "sagemaker.amazonaws.com"),
        *(
            (names.deploy_function_role(target), names.endpoint_role(target), "sagemaker.amazonaws.com")
            for target in config.accounts.production
        ),
    }
    services = sorted({*SERVICE_ROLES.values(), "ec2.amazonaws.com"})
    for role in made:
        for passed in made:
            if passed.account != role.account:
                continue
            for service in services:
                if (role.arn, passed.arn, service) not in intended:
                    what = f"{role.name} passes {passed.name} to {service}"
                    yield Attack("Passing roles", what, send.pass_role(role.arn, passed.arn, service))
