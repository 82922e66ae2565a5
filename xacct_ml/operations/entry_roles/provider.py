"""GitHub's identity provider in the shared account: one for all projects of the account.

IAM trusts GitHub's certificates by its own authorities; no thumbprint is needed (IAM User Guide,
id_roles_providers_create_oidc_verify-thumbprint [D])."""

import json
from collections.abc import Iterator

from xacct_ml.operations.entry_roles.github import AUDIENCE, ISSUER, GitHub
from xacct_ml.operations.entry_roles.how_to import MODULE_FILE, PAGE, TEMPLATE_FILE
from xacct_ml.operations.entry_roles.workflow import WORKFLOW_FILE
from xacct_ml.system.statements import Document

URL = f"https://{ISSUER}"


def template() -> Document:
    properties = {"Url": URL, "ClientIdList": [AUDIENCE]}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "GitHub Actions as an identity provider",
        "Resources": {"Provider": {"Type": "AWS::IAM::OIDCProvider", "Properties": properties}},
    }


def module() -> Document:
    arguments = {"url": URL, "client_id_list": [AUDIENCE]}
    return {"resource": {"aws_iam_openid_connect_provider": {"github": arguments}}}


def page(account: str, github: GitHub) -> str:
    return f"""# GitHub Actions

A run of {github.repository} signs in to account {account} with GitHub's token: a pull request as `github-reader`,
which may only read; `{github.operating}` as `github-operator`. Both are exact subjects.

A repository that was created or renamed since July 15, 2026, or that opted in, has ids in its subject. They are given
as they are, `--github OWNER@ID/REPO@ID`, and this prints them:

```
gh api repos/OWNER/REPO --jq '"\\(.owner.login)@\\(.owner.id)/\\(.name)@\\(.id)"'
```

1. The identity provider, once for the account: it may be there already.
2. The roles: the folders `github-reader` and `github-operator` here, and `reader` in each account's folder. Then bring
   the operators' roles to what their folders say: their trust has GitHub in it.
3. `{WORKFLOW_FILE}` into `.github/workflows/` of the repository, beside the map. docs/ci.md explains it.

## Console

IAM, Identity providers, Add provider, OpenID Connect: provider URL `{URL}`, audience `{AUDIENCE}`.

## AWS CLI

```sh
test "$(aws sts get-caller-identity --query Account --output text)" = {account}
aws iam create-open-id-connect-provider --url {URL} --client-id-list {AUDIENCE}
```

## CloudFormation

```
aws cloudformation deploy --stack-name github-actions --template-file {TEMPLATE_FILE}
```

## Terraform

This folder is a module ({MODULE_FILE}).
"""


def files(account: str, github: GitHub) -> Iterator[tuple[str, str, bytes]]:
    """``(what it is, file name, content)``, as of a role."""
    yield "template", TEMPLATE_FILE, json.dumps(template(), indent=2).encode() + b"\n"
    yield "module", MODULE_FILE, json.dumps(module(), indent=2).encode() + b"\n"
    yield "how-to", PAGE, page(account, github).encode()
