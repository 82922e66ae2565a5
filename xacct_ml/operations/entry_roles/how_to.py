"""The page that tells an administrator how to make a role, four ways, and when to take what away."""

from collections.abc import Iterable, Iterator

from xacct_ml.operations.entry_roles import commands
from xacct_ml.operations.entry_roles.role import TRUSTED, EntryRole
from xacct_ml.operations.entry_roles.template import PARAMETER
from xacct_ml.operations.entry_roles.terraform import VARIABLE

TEMPLATE_FILE, MODULE_FILE, PAGE = "template.json", "main.tf.json", "how-to.md"
MANAGED_PER_ROLE = 10
"""Managed policies that a role may have, unless the quota is raised to 20 (IAM User Guide, reference_iam-quotas)."""


def page(role: EntryRole) -> str:
    return "\n\n".join(part.strip("\n") for part in _parts(role)) + "\n"


def _parts(role: EntryRole) -> Iterator[str]:
    yield f"# {role.arn}"
    yield f"{role.description}. An administrator of account {role.account} makes it, once, in one of four ways."
    if role.before:
        yield "Before:\n\n" + "\n".join(f"- {each}" for each in role.before)
    yield _who(role)
    yield _console(role)
    yield "## AWS CLI"
    said = f"export {TRUSTED}=arn:…" if role.asks else ""
    yield "In this folder" + (f", after `{said}`" if said else "") + "; the first line fails in another account:"
    yield _block(commands.create(role))
    kept = (
        " IAM keeps five versions of a managed policy: `aws iam delete-policy-version` makes room."
        if role.managed
        else ""
    )
    yield f"If the role exists already, this brings it to what the documents say.{kept}"
    yield _block(commands.update(role))
    yield from _infrastructure(role)
    yield from _away(role)


def _who(role: EntryRole) -> str:
    if not role.asks:
        return "Who may assume it is said in `trust.json`."
    return (
        f"Who may assume it is not said in the map: wherever `{TRUSTED}` stands, put in the ARN of the role, user or "
        "account. Or say it to render, which then writes it: `xacct-ml render --trusted ARN`, or `--trusted-approvers "
        "ARN` for who approves. A role that an identity centre makes is named without what it adds: "
        "`arn:aws:iam::ACCOUNT:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_NAME_*`. Who is in another account "
        "needs `sts:AssumeRole` on this role by a policy of their own, too."
    )


def _console(role: EntryRole) -> str:
    path = "" if role.path == "/" else f" The console makes no path: use another way for `{role.path}`."
    boundary = "" if role.boundary is None else f" Under Permissions boundary choose `{role.boundary}`."
    steps = [
        "IAM, Roles, Create role, Custom trust policy: paste `trust.json`"
        + (f" with the ARN in place of `{TRUSTED}`." if role.asks else "."),
        f"Next, without a policy.{boundary} Role name `{role.name}`, Create role.{path}",
        *(
            f"In the role: Add permissions, Create inline policy, JSON: paste `{commands.policy_file(name)}`, name it "
            f"`{name}`."
            for name in role.policies
        ),
        *(
            f"IAM, Policies, Create policy, JSON: paste `{commands.policy_file(name)}`, name it "
            f"`{role.managed_name(name)}`; in the role: Add permissions, Attach policies."
            for name in role.managed
        ),
    ]
    return "## Console\n\n" + "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))


def _infrastructure(role: EntryRole) -> Iterator[str]:
    parameters = f' --parameter-overrides "{PARAMETER}=${TRUSTED}"' if role.asks else ""
    stack = f"aws cloudformation deploy --stack-name {role.name} --template-file {TEMPLATE_FILE}"
    yield "## CloudFormation"
    yield f"```\n{stack} --capabilities CAPABILITY_NAMED_IAM{parameters}\n```"
    yield "## Terraform"
    variable = f'\n  {VARIABLE} = "arn:…"' if role.asks else ""
    yield (
        f"This folder is a module ({MODULE_FILE}, and the documents beside it); the provider must be that of account "
        f"{role.account}:"
    )
    yield f'```\nmodule "{role.kind.replace("-", "_")}" {{\n  source = "./{role.kind}"{variable}\n}}\n```'


def _away(role: EntryRole) -> Iterator[str]:
    if len(role.managed) > MANAGED_PER_ROLE:
        yield "## Quota"
        yield (
            f"It has {len(role.managed)} managed policies; IAM's quota of managed policies attached to a role is "
            f"{MANAGED_PER_ROLE} and can be raised to 20."
        )
    if role.temporary:
        yield "## After the first bootstrap"
        yield (
            "The key's id is known now: `xacct-ml render --live --out DIR` puts it into the policies, and leaves out "
            "what makes keys. Bring the role to what the new folder says, as above, and take away what made the key "
            "(stack and module do that by themselves):"
        )
        yield _block([commands.in_account(role), *(commands.take_away(role, name) for name in role.temporary)])
        yield "A map that gets another region, or captures requests, needs it again until the next bootstrap is done."
    yield "## Deleting it"
    yield _block(commands.delete(role))


def _block(lines: Iterable[str]) -> str:
    return "\n".join(["```sh", *lines, "```"])
