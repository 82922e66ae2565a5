"""A role that enters an account, as one description; console, AWS CLI, CloudFormation and Terraform are made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from xacct_ml.arn import Arn
from xacct_ml.system.statements import Document

TRUSTED = "TRUSTED_PRINCIPAL_ARN"
"""Stands in a trust policy for the ARN of whoever may assume the role. IAM takes no such principal, so that a document
in which it was forgotten makes no role."""


@dataclass(frozen=True, kw_only=True)
class EntryRole:
    """``kind`` is what it is for, in a word, and the folder that its files are in.

    ``policies`` are inline policies by name, as far as they fit; ``managed`` are the others, each a managed policy of
    the same account. Those in ``temporary`` are to be taken away. ``before`` are steps without which it cannot be
    made."""

    kind: str
    arn: str
    description: str
    trust: Document
    policies: Mapping[str, Document]
    managed: Mapping[str, Document] = field(default_factory=dict)
    boundary: str | None = None
    temporary: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    @property
    def account(self) -> str:
        return Arn.parse(self.arn).account

    @property
    def name(self) -> str:
        return Arn.parse(self.arn).name

    @property
    def path(self) -> str:
        """With a slash at both ends."""
        return f"/{Arn.parse(self.arn).id}".removesuffix(self.name)

    @property
    def asks(self) -> bool:
        """Whether who may assume it is still to be said."""
        return TRUSTED in str(self.trust)

    def managed_name(self, policy: str) -> str:
        return f"{self.name}-{policy}"

    def managed_arn(self, policy: str) -> str:
        arn = Arn.parse(self.arn)
        return f"arn:{arn.partition}:iam::{arn.account}:policy{self.path}{self.managed_name(policy)}"
