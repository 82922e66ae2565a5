"""A role as a Terraform module in JSON, beside the documents that it reads.

Terraform language documentation, "JSON Configuration Syntax", and the AWS provider's aws_iam_role, aws_iam_role_policy,
aws_iam_policy and aws_iam_role_policy_attachment [D]."""

from xacct_ml.operations.entry_roles.commands import TRUST_FILE, policy_file
from xacct_ml.operations.entry_roles.role import TRUSTED, EntryRole
from xacct_ml.system.statements import Document

VARIABLE = "trusted_principal_arn"


def module(role: EntryRole) -> Document:
    """Who may assume it is a variable, where it is not said yet."""
    label = role.kind.replace("-", "_")
    arguments: Document = {
        "name": role.name,
        "path": role.path,
        "description": role.description,
        "assume_role_policy": f"${{{_trust(role)}}}",
    }
    if role.boundary is not None:
        arguments["permissions_boundary"] = role.boundary
    entered = f"${{aws_iam_role.{label}.name}}"
    resources: Document = {"aws_iam_role": {label: arguments}}
    if role.policies:
        resources["aws_iam_role_policy"] = {
            f"{label}_{_label(name)}": {"name": name, "role": entered, "policy": f"${{{_file(policy_file(name))}}}"}
            for name in role.policies
        }
    if role.managed:
        resources["aws_iam_policy"] = {
            f"{label}_{_label(name)}": {
                "name": role.managed_name(name),
                "path": role.path,
                "policy": f"${{{_file(policy_file(name))}}}",
            }
            for name in role.managed
        }
        resources["aws_iam_role_policy_attachment"] = {
            label_: {"role": entered, "policy_arn": f"${{aws_iam_policy.{label_}.arn}}"}
            for label_ in resources["aws_iam_policy"]
        }
    described = {"type": "string", "description": "ARN of the role, user or account that may assume the role"}
    return {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
        **({"variable": {VARIABLE: described}} if role.asks else {}),
        "resource": resources,
        "output": {f"{label}_role_arn": {"value": f"${{aws_iam_role.{label}.arn}}"}},
    }


def _trust(role: EntryRole) -> str:
    document = _file(TRUST_FILE)
    return f'replace({document}, "{TRUSTED}", var.{VARIABLE})' if role.asks else document


def _file(name: str) -> str:
    return f'file("${{path.module}}/{name}")'


def _label(policy: str) -> str:
    return policy.replace("-", "_")
