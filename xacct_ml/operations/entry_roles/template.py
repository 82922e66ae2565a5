"""A role as a CloudFormation template (CloudFormation Template Reference, AWS::IAM::Role, AWS::IAM::ManagedPolicy
[D])."""

import re
from typing import Any

from xacct_ml.operations.entry_roles.role import TRUSTED, EntryRole
from xacct_ml.system.statements import Document

PARAMETER = "TrustedPrincipalArn"
_TYPE = "AWS::IAM::ManagedPolicy"


def template(role: EntryRole) -> Document:
    """Who may assume it is a parameter, where it is not said yet."""
    properties: Document = {
        "RoleName": role.name,
        "Path": role.path,
        "Description": role.description,
        "AssumeRolePolicyDocument": _with_parameter(role.trust),
        "Policies": [{"PolicyName": name, "PolicyDocument": document} for name, document in role.policies.items()],
    }
    if role.boundary is not None:
        properties["PermissionsBoundary"] = role.boundary
    made: Document = {"AWSTemplateFormatVersion": "2010-09-09", "Description": role.description}
    if role.asks:
        made["Parameters"] = {
            PARAMETER: {
                "Type": "String",
                "Description": "ARN of the role, user or account that may assume the role",
                "AllowedPattern": r"arn:aws[\w-]*:iam::\d{12}:(root|(user|role)/.+)",
            }
        }
    return {
        **made,
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": properties},
            **{logical_id(name): _managed(role, name, document) for name, document in role.managed.items()},
        },
        "Outputs": {"RoleArn": {"Description": "For role_arn in the map", "Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }


def logical_id(policy: str) -> str:
    """Of a managed policy: logical ids are alphanumeric."""
    return "Policy" + "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", policy))


def _managed(role: EntryRole, name: str, document: Document) -> Document:
    properties = {
        "ManagedPolicyName": role.managed_name(name),
        "Path": role.path,
        "PolicyDocument": document,
        "Roles": [{"Ref": "Role"}],
    }
    return {"Type": _TYPE, "Properties": properties}


def _with_parameter(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_parameter(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_parameter(each) for each in value]
    return {"Ref": PARAMETER} if value == TRUSTED else value
