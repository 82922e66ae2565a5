"""What ``demo`` does beyond the commands: a map without profiles, a closed environment, two proofs by trial.

The prediction and the forbidden read are made with the credentials of the production account's administrator, who may
do everything that account can allow: what stops him is the shared account alone."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.errors import DENIED, code_of
from xacct_ml.config.model import Account, Config
from xacct_ml.errors import XacctError
from xacct_ml.operations.policies import world
from xacct_ml.operations.upload.data_manifest import Manifest
from xacct_ml.proof.attacks.attack import attack_all
from xacct_ml.proof.prove import prove
from xacct_ml.system.names import Names

OPERATOR = "xacct-ml-operator"
LOOPBACK = "127.0.0.1"
NO_PROXY = ("NO_PROXY", "no_proxy")
"""Clients read one or the other; where both are set, Python the second."""
_SHOWN_ROWS = 2


@dataclass(frozen=True, slots=True)
class Prediction:
    """One row of the validation data: its number (1-based), its label, and what the endpoint answered."""

    row: int
    label: float
    answer: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """AWS's answer to a read that must not succeed."""

    principal: str
    uri: str
    code: str
    message: str


def without_profiles(config: Config) -> Config:
    """The map with every account entered through a role: the user's profiles lead to real accounts."""
    names = Names(config)

    def entered(account: Account) -> dict[str, Any]:
        role = account.role_arn or names.arn("iam", account.id, f"role/{OPERATOR}", region="")
        return {"profile": None, "role_arn": role, "external_id": account.external_id if account.role_arn else None}

    accounts = config.accounts
    parts = {part: getattr(accounts, part) for part in ("shared", "source", "training")}
    update: dict[str, Any] = {
        part: account.model_copy(update=entered(account)) for part, account in parts.items() if account is not None
    }
    update["production"] = tuple(target.model_copy(update=entered(target)) for target in accounts.production)
    return config.model_copy(update={"accounts": accounts.model_copy(update=update)})


@contextmanager
def client_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """This process sees ``variables`` and no other ``AWS_…`` variable: nothing may reach a real account, nor a proxy
    what is meant for the loopback interface."""
    saved = {name: value for name, value in os.environ.items() if _leads_somewhere(name)}

    def replace(variables: Mapping[str, str]) -> None:
        for name in [name for name in os.environ if _leads_somewhere(name)]:
            del os.environ[name]
        os.environ.update(variables)

    replace({**variables, **dict.fromkeys(NO_PROXY, not_by_proxy(saved))})
    try:
        yield
    finally:
        replace(saved)


def not_by_proxy(variables: Mapping[str, str]) -> str:
    """What ``NO_PROXY`` says in either spelling, with the loopback interface."""
    value = variables.get("no_proxy") or variables.get("NO_PROXY")
    return f"{value},{LOOPBACK}" if value else LOOPBACK


def _leads_somewhere(name: str) -> bool:
    return name.startswith("AWS_") or name in NO_PROXY


def predict(runtime: Any, endpoint: str, validation: Path) -> tuple[Prediction, ...]:
    """Ask the endpoint about the first row of each of two labels. ``runtime`` is a sagemaker-runtime client."""

    def ask(features: str) -> str:
        answer = runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body=features)
        return str(answer["Body"].read().decode().strip())

    return tuple(Prediction(row, label, ask(features)) for row, label, features in _rows(validation))


def forbidden_read(s3: Any, principal: str, manifest: Manifest) -> Refusal:
    """Try to read the training data. Raises :class:`XacctError` if that works."""
    data = manifest.channels["train"]
    bucket, key = data.manifest_uri.removeprefix("s3://").split("/", 1)[0], data.objects[0].key
    uri = f"s3://{bucket}/{key}"
    try:
        s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if code_of(error) not in DENIED:
            raise
        return Refusal(principal, uri, code_of(error), error.response["Error"].get("Message", ""))
    raise XacctError(f"{principal} could read {uri}: the policies do not separate production from the data")


def proven(config: Config) -> dict[str, int]:
    """What ``verify`` says first of the map: how many hops and attacks there are, and how many are as they must be."""
    given = world(config)
    hops, attacks = prove(given).hops, attack_all(given)
    return {
        "hops": len(hops),
        "hops_allowed": sum(one.decision.allowed for one in hops),
        "attacks": len(attacks),
        "attacks_denied": sum(one.repelled for one in attacks),
    }


def _rows(validation: Path) -> Iterator[tuple[int, float, str]]:
    labels: set[float] = set()
    with validation.open(encoding="ascii") as file:
        for number, line in enumerate(file, start=1):
            label, _, features = line.strip().partition(",")
            if float(label) in labels:
                continue
            labels.add(float(label))
            yield number, float(label), features
            if len(labels) == _SHOWN_ROWS:
                return
