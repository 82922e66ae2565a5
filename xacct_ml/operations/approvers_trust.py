"""Whether ``approvals: 2`` asks two people.

They are told apart by the names of their sessions, and only the trust of the approvers' role can keep who assumes it
from choosing one. The role is the user's, so its trust is looked at and never written."""

from botocore.exceptions import ClientError

from xacct_ml.access.session_names import NAME, freely_named
from xacct_ml.arn import Arn
from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import DENIED, code_of
from xacct_ml.config.model import Config
from xacct_ml.resources.policy_document import parsed
from xacct_ml.resources.rights import Rights

APPROVERS = "approvers' role"
"""The key of its rights, in place of a type: no driver makes it."""

RIGHTS = {APPROVERS: (Rights("roles/FindRoles", "iam: GetRole"),)}

HOW = f'"Condition": {{"StringEquals": {{"{NAME}": "${{aws:username}}"}}}}'
"""For IAM users; docs/approval.md has what to write for an identity centre."""


def look(config: Config, accounts: Clients) -> str | None:
    """Why two approvals may be of one person; None where they are not, or where the map asks for one.

    ``accounts`` enters the shared account, as its operator or as who approves. Raises ClientError where a call fails
    otherwise than for want of a right."""
    approvers = config.approvers
    if approvers is None or config.approvals < 2:
        return None
    counted = f"approvals: {config.approvals} counts names of sessions, and"
    role = approvers.role_arn
    try:
        answer = accounts.client(config.accounts.shared.id, "iam").get_role(RoleName=Arn.parse(role).name)
    except ClientError as error:
        if code_of(error) == "NoSuchEntity":
            return f"there is no role {role} yet, which the map names for who approves"
        if code_of(error) not in DENIED:
            raise
        return f"{counted} whether the trust of {role} binds them is not known: iam:GetRole was denied"
    found = freely_named(parsed(answer["Role"]["AssumeRolePolicyDocument"]))
    if not found:
        return None
    return (
        f"{counted} the trust of {role} does not bind them (statement {', '.join(found)}): one person can approve as "
        f"two. Bind them, for IAM users by {HOW}"
    )
