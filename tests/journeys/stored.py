"""The policies as they lie in the accounts, and a statement taken out of one of them: by each account's administrator,
through the APIs that a careless person would use, with the same change in a policy store for ``prove``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from tests.journeys.project import Project
from xacct_ml.access.documents_store import DocumentStore
from xacct_ml.access.policy import Policy
from xacct_ml.operations.preconditions import key_arn, keys
from xacct_ml.system.roles import roles

Document = dict[str, Any]

NOBODY = {"Sid": "Nobody", "Effect": "Deny", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
"""A trust policy must have a statement: this one lets nobody in and keeps out none of the pipeline's services."""


class Stored(Protocol):
    """One policy document in an account. ``where`` names it as ``prove`` does."""

    @property
    def where(self) -> str: ...

    def read(self) -> Document: ...

    def write(self, document: Document) -> None: ...

    def in_store(self, store: DocumentStore, document: Document) -> DocumentStore:
        """``store`` with ``document`` in the place of this one."""


@dataclass(frozen=True)
class IdentityPolicy:
    """An inline policy of a role. Without statements it is deleted: IAM stores none that is empty."""

    iam: Any
    role_arn: str
    name: str

    @property
    def role(self) -> str:
        return self.role_arn.rsplit("/", 1)[-1]

    @property
    def where(self) -> str:
        return f"{self.role}/{self.name}"

    def read(self) -> Document:
        document: Document = self.iam.get_role_policy(RoleName=self.role, PolicyName=self.name)["PolicyDocument"]
        return document

    def write(self, document: Document) -> None:
        if document["Statement"]:
            self.iam.put_role_policy(RoleName=self.role, PolicyName=self.name, PolicyDocument=json.dumps(document))
        else:
            self.iam.delete_role_policy(RoleName=self.role, PolicyName=self.name)

    def in_store(self, store: DocumentStore, document: Document) -> DocumentStore:
        made = store.roles[self.role_arn]
        changed = Policy.parse(document, self.where)
        identity = tuple(changed if policy.name == self.where else policy for policy in made.identity)
        return store.with_role(self.role_arn, replace(made, identity=identity))


@dataclass(frozen=True)
class TrustPolicy:
    """Who may assume a role; :data:`NOBODY` where no statement is left."""

    iam: Any
    role_arn: str

    @property
    def role(self) -> str:
        return self.role_arn.rsplit("/", 1)[-1]

    @property
    def where(self) -> str:
        return f"trust of {self.role}"

    def read(self) -> Document:
        document: Document = self.iam.get_role(RoleName=self.role)["Role"]["AssumeRolePolicyDocument"]
        return document

    def write(self, document: Document) -> None:
        stored = {**document, "Statement": document["Statement"] or [NOBODY]}
        self.iam.update_assume_role_policy(RoleName=self.role, PolicyDocument=json.dumps(stored))

    def in_store(self, store: DocumentStore, document: Document) -> DocumentStore:
        trust = Policy.parse({**document, "Statement": document["Statement"] or [NOBODY]}, self.where)
        return store.with_role(self.role_arn, replace(store.roles[self.role_arn], trust=trust))


@dataclass(frozen=True)
class KeyPolicy:
    """The key's policy.

    ``administrator`` keeps the right to change it: without a way back the statement that gives the account that right
    could be taken out, but never put back (KMS Developer Guide, "Default key policy": the key "becomes unmanageable").
    """

    kms: Any
    key_arn: str
    administrator: str
    where: str = "key policy"

    def read(self) -> Document:
        document: Document = json.loads(self.kms.get_key_policy(KeyId=self.key_arn, PolicyName="default")["Policy"])
        return document

    def write(self, document: Document) -> None:
        # the lock-out check asks for kms:PutKeyPolicy by the caller, which the way back is
        self.kms.put_key_policy(
            KeyId=self.key_arn, PolicyName="default", Policy=json.dumps(self._with_way_back(document))
        )

    def in_store(self, store: DocumentStore, document: Document) -> DocumentStore:
        return store.with_resource(self.key_arn, Policy.parse(self._with_way_back(document), self.where))

    def _with_way_back(self, document: Document) -> Document:
        if any("kms:PutKeyPolicy" in statement["Action"] for statement in document["Statement"]):
            return document
        way_back = {
            "Sid": "WayBack",
            "Effect": "Allow",
            "Principal": {"AWS": self.administrator},
            "Action": ["kms:GetKeyPolicy", "kms:PutKeyPolicy"],
            "Resource": "*",
        }
        return {**document, "Statement": [*document["Statement"], way_back]}


@dataclass(frozen=True)
class BucketPolicy:
    s3: Any
    bucket_arn: str
    where: str = "bucket policy"

    @property
    def bucket(self) -> str:
        return self.bucket_arn.rsplit(":", 1)[-1]

    def read(self) -> Document:
        document: Document = json.loads(self.s3.get_bucket_policy(Bucket=self.bucket)["Policy"])
        return document

    def write(self, document: Document) -> None:
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(document))

    def in_store(self, store: DocumentStore, document: Document) -> DocumentStore:
        return store.with_resource(self.bucket_arn, Policy.parse(document, self.where))


@dataclass(frozen=True)
class Statement:
    """One statement of a stored document. ``whole`` is the document with it."""

    stored: Stored
    sid: str
    whole: Document

    def __str__(self) -> str:
        return f"{self.stored.where} › {self.sid}"

    @property
    def rest(self) -> Document:
        """The document without the statement; perhaps none is left."""
        kept = [statement for statement in self.whole["Statement"] if statement["Sid"] != self.sid]
        return {**self.whole, "Statement": kept}

    @contextmanager
    def taken_out(self) -> Iterator[None]:
        """While inside, the account lives without the statement."""
        self.stored.write(self.rest)
        try:
            yield
        finally:
            self.stored.write(self.whole)


def stored_documents(project: Project) -> Iterator[Stored]:
    """Every document of the map that a run depends on, as the accounts have it: role by role, then key and bucket."""
    names, key = project.names, key_arn(project.config, project.accounts)
    for role in roles(project.config, keys(project.config, project.accounts)):
        iam = project.aws.administrator(role.account).client("iam")
        yield TrustPolicy(iam, role.arn)
        for name in iam.list_role_policies(RoleName=role.name)["PolicyNames"]:
            yield IdentityPolicy(iam, role.arn, name)
    shared = project.aws.administrator(names.shared)
    yield KeyPolicy(shared.client("kms"), key, shared.client("sts").get_caller_identity()["Arn"])
    yield BucketPolicy(shared.client("s3"), names.bucket_arn)


def allowing_statements(project: Project) -> Iterator[Statement]:
    """Every statement that allows something. A deny takes nothing from a run: what it keeps out, attacks show."""
    for stored in stored_documents(project):
        whole = stored.read()
        for statement in whole["Statement"]:
            if statement["Effect"] == "Allow":
                yield Statement(stored, statement["Sid"], whole)
