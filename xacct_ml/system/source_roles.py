"""The roles of the source account."""

from xacct_ml.system.actions.action import Rights
from xacct_ml.system.names import Names
from xacct_ml.system.role import role, source_sent
from xacct_ml.system.statements import allow, policy, trust_roles, trust_service
from xacct_ml.system.thing import Role


def source_roles(names: Names, rights: Rights) -> tuple[Role, ...]:
    """The source action's role and the role that forwards pushes; none where the shared account has the repository.

    ``rights`` are those that the pipeline's actions need, by role."""
    account = names.source_account
    if account is None:
        return ()
    return (
        role(
            names,
            account,
            "source-action",
            "Assumed by the pipeline: reads the repository, writes it into the shared bucket as an artifact",
            trust_roles(names, [names.pipeline_role]),
            rights[names.source_action_role],
        ),
        role(
            names,
            account,
            "forward",
            "Assumed by EventBridge to forward pushes to the shared account's event bus",
            trust_service("events.amazonaws.com", source_sent(account, names.forward_rule_arn)),
            {"forward": policy(allow("ForwardPushes", "events:PutEvents", names.event_bus_arn))},
        ),
    )
