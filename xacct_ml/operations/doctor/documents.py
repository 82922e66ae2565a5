"""Whether IAM Access Analyzer finds errors in the documents that are rendered; ValidatePolicy costs nothing (pricing of
IAM Access Analyzer) [D]."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.foreign import line
from xacct_ml.operations.doctor.check import SHARED_ACCOUNT, Check, Finding, Subject, failed, ok
from xacct_ml.resources.rights import Rights, anything
from xacct_ml.system.statements import Document
from xacct_ml.system.system import system
from xacct_ml.system.thing import Bucket, Key, Role

RIGHTS = {SHARED_ACCOUNT: (Rights("doctor/Look", "access-analyzer: ValidatePolicy", on=(anything,)),)}

IDENTITY, RESOURCE = "IDENTITY_POLICY", "RESOURCE_POLICY"
_AT_ONCE = 8
"""How many calls a second Access Analyzer answers is not documented."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document and what it is; ``resource_type`` as ValidatePolicy names types of resource policies."""

    name: str
    document: Document
    type: str
    resource_type: str | None = None


def checks(subject: Subject) -> Iterator[Check]:
    names = subject.names
    found = tuple(rendered(subject))
    look = partial(_look, names.shared, found)
    yield Check("documents", names.shared, names.region, "access-analyzer:ValidatePolicy", look)


def rendered(subject: Subject) -> Iterator[Rendered]:
    """Every policy of the roles, the buckets, the keys and the operators."""
    for thing in system(subject.config, subject.keys):
        what = f"{thing.name} in account {thing.account}"
        if isinstance(thing, Role):
            yield Rendered(f"trust of {what}", thing.trust, RESOURCE, "AWS::IAM::AssumeRolePolicyDocument")
            for name, document in thing.policies.items():
                yield Rendered(f"policy {name} of {what}", document, IDENTITY)
        elif isinstance(thing, Bucket):
            yield Rendered(f"policy of {what}", thing.policy, RESOURCE, "AWS::S3::Bucket")
        elif isinstance(thing, Key):
            yield Rendered(f"policy of {what}", thing.policy, RESOURCE)
    for account, policies in subject.policies.items():
        for name, document in policies.items():
            yield Rendered(f"operator's policy {name} of account {account}", document, IDENTITY)


def _look(account: str, found: Sequence[Rendered], accounts: Clients) -> Finding:
    accessanalyzer = accounts.client(account, "accessanalyzer")

    def validate(part: Sequence[Rendered]) -> list[tuple[Rendered, Mapping[str, Any]]]:
        answers = []
        for one in part:
            request = {"policyDocument": json.dumps(one.document), "policyType": one.type}
            if one.resource_type is not None:
                request["validatePolicyResourceType"] = one.resource_type
            answers += [(one, each) for each in accessanalyzer.validate_policy(**request)["findings"]]
        return answers

    parts = concurrently([partial(validate, found[number::_AT_ONCE]) for number in range(_AT_ONCE)])
    return judge(len(found), [each for part in parts for each in part])


def judge(count: int, findings: Sequence[tuple[Rendered, Mapping[str, Any]]]) -> Finding:
    """``findings`` are ValidatePolicy's, each with its document."""
    errors = [(one, each) for one, each in findings if each["findingType"] == "ERROR"]
    if errors:
        shown = "; ".join(f"{one.name}: {each['issueCode']}: {each['findingDetails']}" for one, each in errors[:_SHOWN])
        return failed(line(f"{len(errors)} errors in {count} documents: {shown}", 600), "report it, or correct the map")
    warned = sorted({str(each["issueCode"]) for _, each in findings if each["findingType"] == "SECURITY_WARNING"})
    return ok(f"{count} documents without an error" + (f"; warnings: {', '.join(warned)}" if warned else ""))
