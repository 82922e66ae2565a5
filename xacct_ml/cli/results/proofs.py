"""``verify``, ``explain``, ``doctor`` and ``render``."""

from typing import Any, Literal

from typing_extensions import TypedDict

from xacct_ml.cli.results.described import described
from xacct_ml.operations.runs.diagnosis import Diagnosis
from xacct_ml.operations.runs.failure import FailedAction
from xacct_ml.proof.remediation.denial_message import Refusal


@described
class Asked(TypedDict):
    """A request to AWS, as IAM sees it."""

    principal: str
    """The ARN of who asks, or a service."""
    action: str
    resource: str
    resource_account: str | None
    context: dict[str, str | list[str]]
    """Condition keys and their values."""


@described
class DecidingStatement(TypedDict):
    """A statement that allows or denies."""

    layer: str
    """The kind of its policy."""
    document: str
    sid: str | None


@described
class Decided(Asked):
    """A request, decided by policies."""

    outcome: Literal["allowed", "denied", "undetermined"]
    reason: str
    """One sentence."""
    statements: list[DecidingStatement]
    missing: list[str]
    """Kinds of policies that would have to allow it and do not."""


@described
class Remedy(TypedDict):
    """What would change the decision."""

    change: str
    document: str
    owner: str
    """The account whose document it is."""
    policy: str | None
    statement: dict[str, Any]
    """The statement as it is to be put in, or taken out."""
    why: list[str]


@described
class Hop(Decided):
    """A request of the pipeline's."""

    number: int
    stage: str
    what: str
    source: str
    """Where it is documented or seen that it is sent so."""
    evidence: str
    """The kind of that source."""
    rehearsed: bool
    """Whether the embedded AWS exercises it."""
    remedies: list[Remedy]


@described
class AttackGroup(TypedDict):
    """Attacks of one kind."""

    group: str
    denied: int
    total: int
    possible_further: int
    """With whatever is in reach of who attacks."""


@described
class NotDenied(Decided):
    """An attack that is not denied."""

    group: str
    what: str


@described
class Attacks(TypedDict):
    """All attacks."""

    groups: list[AttackGroup]
    not_denied: list[NotDenied]


@described
class FurtherGroup(TypedDict):
    """Attacks of one kind, tried with further calls."""

    group: str
    possible: int
    total: int


@described
class FurtherAttack(Asked):
    """What is possible by further calls."""

    group: str
    what: str
    path: list[str]
    """The calls before, in words."""
    by: str


@described
class Further(TypedDict):
    """Attacks with whatever is in reach of who attacks."""

    groups: list[FurtherGroup]
    possible: list[FurtherAttack]


@described
class Cell(Decided):
    """A request of the whole matrix that is allowed."""

    hop: int | None
    """The hop that it is meant for, by its number."""
    why: str | None
    """Why it is wider, where no hop means it."""


@described
class Matrix(TypedDict):
    """Every principal, action and resource."""

    requests: int
    decisions: int
    """So many settled the requests, which are alike in classes."""
    allowed: list[Cell]
    unintended: list[Cell]
    """Allowed or undetermined, and meant by no hop and no documented exception."""
    unexercised: list[str]
    """Hops that no allowed request showed."""


@described
class Needed(TypedDict):
    """A part of a document that something needs."""

    part: str
    because: str


@described
class Justified(TypedDict):
    """A part that no request needs, and why it is there."""

    part: str
    why: str


@described
class Minimality(TypedDict):
    """Each part of the documents, taken out in turn."""

    checked: int
    needed: list[Needed]
    unneeded: list[str]
    justified: list[Justified]


@described
class Contradiction(TypedDict):
    """A hop or a statement that AWS's reference of its services says otherwise."""

    where: str
    why: str
    """What the reference says instead."""


@described
class StalePrincipal(TypedDict):
    """A statement whose principal was deleted: IAM shows its id."""

    document: str
    sid: str | None
    id: str


@described
class DocumentDifference(TypedDict):
    """A document of the accounts that is not as the map's."""

    document: str
    widens: bool
    changes: list[str]


@described
class LivePolicies(TypedDict):
    """What was found in the accounts, with ``--live``."""

    key_arn: str
    regional_keys: dict[str, str]
    """ARNs by region, of further targets."""
    absent: list[str]
    """ARNs of roles and buckets that do not exist: they fail it."""
    missing: list[str]
    """What else of the map was not found, by type, name and account."""
    unreadable: list[str]
    """Titles of documents that could not be read."""
    boundaries: dict[str, str]
    """ARNs of permissions boundaries by role."""
    statements_of_others: dict[str, list[str]]
    """Sids by document."""
    stale_principals: list[StalePrincipal]
    differences: list[DocumentDifference]


@described
class IntrusionFound(Decided):
    """An attack of another project's that is not denied."""

    what: str


@described
class WiderRequest(Asked):
    """A request across projects that AWS lets no policy narrow."""

    why: str


@described
class Beside(TypedDict):
    """One project against another in the same accounts (``--beside``)."""

    victim: str
    intruder: str
    attacks: int
    not_denied: list[IntrusionFound]
    requests: int
    wider: list[WiderRequest]
    unintended: list[Decided]
    further: Further


@described
class Verify(TypedDict):
    """The whole proof."""

    proven: Literal["map", "accounts"]
    """What it is about."""
    holds: bool
    failures: list[str]
    """Why it does not hold, each in one sentence."""
    hops: list[Hop]
    assumed: list[int]
    """The numbers of the hops that rest on an assumption."""
    attacks: Attacks
    further: Further
    matrix: Matrix
    minimality: Minimality | None
    contradictions: list[Contradiction]
    accounts: LivePolicies | None
    beside: list[Beside]
    notes: list[str]


@described
class Finding(Decided):
    """A request that a message can mean."""

    hop: int | None
    stage: str | None
    what: str | None
    stranger: bool
    """Whether none of the project's roles sent it."""
    remedies: list[Remedy]


@described
class Explain(TypedDict):
    """Why a run failed, or what a message means."""

    failed_action: FailedAction | None
    message: str | None
    failure: Diagnosis | None
    """Its kind, where it is none of policies."""
    decided_by: Literal["accounts", "map"]
    refusals: list[Refusal]
    outside: str | None
    """A kind of policy that AWS blames and that no account shows."""
    denied: list[Finding]
    allowed: list[Finding]


@described
class Check(TypedDict):
    """One question that was asked of an account."""

    check: str
    account: str
    region: str | None
    call: str
    state: Literal["ok", "failed", "warning", "unknown"]
    found: str
    next: str | None


@described
class Doctor(TypedDict):
    """What would fail later."""

    counts: dict[str, int]
    """Checks by their state."""
    checks: list[Check]


@described
class RenderedFile(TypedDict):
    """A document that was written."""

    kind: str
    account: str
    name: str
    path: str
    """Below the directory."""


@described
class Render(TypedDict):
    """The documents."""

    directory: str
    documents: list[RenderedFile]
