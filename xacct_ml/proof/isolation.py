"""Several projects in the same accounts: each is an intruder to the other.

The roles of one project, with exactly their own policies, ask for everything of the other: by hand, each request that
the other's run sends (attacks), and the whole matrix of actions on everything of the other. What both use under one
name (the service-made log group of training jobs, Step Functions' managed rule, AWS's image) belongs to neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from xacct_ml.access.model import ContextValue, Decision, Outcome, Principal, Request
from xacct_ml.access.policy import Policy
from xacct_ml.access.store import authorize
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config
from xacct_ml.proof.attacks.attack import RepelledAttack
from xacct_ml.proof.attacks.intruder import Attack
from xacct_ml.proof.attacks.role import SERVICE_ROLES
from xacct_ml.proof.matrix.intended import wider
from xacct_ml.proof.matrix.matrix import Cell
from xacct_ml.proof.matrix.request_classes import Questions
from xacct_ml.proof.matrix.resource_catalog import Place, our_places, place_of
from xacct_ml.proof.prove import hops
from xacct_ml.proof.requests.hop import Sender
from xacct_ml.proof.requests.training import STACK_ID
from xacct_ml.proof.world import Documents, all_keys, documents, statements_of
from xacct_ml.system import operator
from xacct_ml.system.names import Names, RegionalKeys
from xacct_ml.system.roles import RoleDocument, roles
from xacct_ml.system.statements import policy

OTHER_KEY_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"
"""Stands for the id of the other project's key, which is another than this one's."""

OPERATORS_WIDER = frozenset({"kms:DescribeKey"})
"""An operator may look at every key of the shared account: a new key's tags take up to five minutes to count (KMS
Developer Guide, tag-authorization), and until then nothing tells it from others [D]."""


@dataclass(frozen=True)
class Project:
    """One project's map, its keys (``regional_keys`` those of other regions), and what follows from them."""

    config: Config
    key_arn: str
    regional_keys: RegionalKeys

    @property
    def names(self) -> Names:
        return Names(self.config)

    @property
    def roles(self) -> tuple[RoleDocument, ...]:
        return roles(self.config, all_keys(self.config, self.key_arn, self.regional_keys))

    @property
    def places(self) -> tuple[Place, ...]:
        return our_places(self.names, self.key_arn, self.regional_keys)

    def operators(self) -> dict[str, tuple[Policy, ...]]:
        """The map's roles, under the policies that are rendered for them."""
        rendered = operator.policies(self.config)
        return {
            account.role_arn: tuple(Policy.parse(doc, f"operator/{name}") for name, doc in rendered[account.id].items())
            for _, account in named_accounts(self.config)
            if account.role_arn is not None
        }


@dataclass(frozen=True)
class Intrusion:
    """What ``intruder`` can do to ``victim``, by their projects' names. Of the matrix's ``requests``, ``unintended``
    are not certainly denied; ``wider`` are allowed because AWS documents the right for more than a project's own.
    """

    victim: str
    intruder: str
    attacks: tuple[RepelledAttack, ...]
    requests: int
    wider: tuple[Cell, ...]
    unintended: tuple[Cell, ...]

    @property
    def successful(self) -> tuple[RepelledAttack, ...]:
        return tuple(attack for attack in self.attacks if not attack.repelled)

    @property
    def holds(self) -> bool:
        return not self.successful and not self.unintended


def separation(config: Config, other: Config, *, papers: Documents | None = None) -> tuple[Intrusion, Intrusion]:
    """Both ways: the other project against this one, and this one against the other.

    Without ``papers``, the documents are those that the two maps would deploy (:func:`documents_of_both`). That no name
    is taken twice is presupposed.
    """
    ours, theirs = _projects(config, other)
    given = papers or documents_of_both(config, other)
    return _intrusion(ours, theirs, given), _intrusion(theirs, ours, given)


def documents_of_both(config: Config, other: Config) -> Documents:
    """All documents of two projects. An operator that both maps name has the policies of both."""
    one, two = (
        documents(project.config, project.key_arn, project.regional_keys) for project in _projects(config, other)
    )
    principals = dict(one.principals)
    for arn, policies in two.principals.items():
        principals[arn] = (*principals.get(arn, ()), *policies)
    entries = {**one.entries, **two.entries}
    for ref in one.entries.keys() & two.entries.keys():  # the event bus's policy has a statement of each
        entries[ref] = policy(*statements_of(one.entries[ref]), *statements_of(two.entries[ref]))
    return Documents(entries, principals)


def _projects(config: Config, other: Config) -> tuple[Project, Project]:
    ours, theirs = Names(config), Names(other)
    key_id = None if other.key.arn is not None else OTHER_KEY_ID
    regional = {region: theirs.key_arn(OTHER_KEY_ID, region) for region in theirs.other_regions}
    return (
        Project(config, ours.key_arn(), ours.regional_keys()),
        Project(other, theirs.key_arn(key_id), regional),
    )


def _intrusion(victim: Project, intruder: Project, papers: Documents) -> Intrusion:
    common = {place.arn for place in intruder.places}
    places = [place for place in victim.places if place.arn not in common]
    requests, cells = _matrix(victim, intruder, papers, places)
    return Intrusion(
        victim.names.project,
        intruder.names.project,
        tuple(_attacked(victim, intruder, papers, places)),
        requests,
        tuple(cell for cell in cells if cell.why),
        tuple(cell for cell in cells if not cell.why),
    )


# -- attacks ---------------------------------------------------------------------------------------------------------
def _attacked(
    victim: Project, intruder: Project, papers: Documents, places: Sequence[Place]
) -> Iterator[RepelledAttack]:
    store = papers.store()
    for arn, policies in _strange_operators(victim, intruder).items():
        store = store.with_principal(arn, policies)
    for attack in _attacks(victim, intruder, places):
        yield RepelledAttack(attack, authorize(attack.request, store))


def _strange_operators(victim: Project, intruder: Project) -> dict[str, tuple[Policy, ...]]:
    """The intruder's operators who are not the victim's as well."""
    known = victim.operators()
    return {arn: policies for arn, policies in intruder.operators().items() if arn not in known}


def _attacks(victim: Project, intruder: Project, places: Sequence[Place]) -> Iterator[Attack]:
    project = intruder.names.project
    group = f"The roles of {project}"
    send = Sender(victim.config, victim.key_arn)
    wanted = [
        hop
        for hop in hops(victim.config, victim.key_arn, victim.regional_keys)
        if place_of(hop.request.resource, places) is not None
    ]
    strangers = _strange_operators(victim, intruder)
    for arn in (*(role.arn for role in intruder.roles), *strangers):
        who = arn.rsplit("/", 1)[-1]
        for hop in wanted:
            if hop.request.principal.role_arn is None or (arn in strangers and hop.request.action in OPERATORS_WIDER):
                continue
            request = replace(hop.request, principal=Principal.session(arn, "beside"))
            if wider(intruder.names, request) is None:
                yield Attack(
                    group, f"{who} does what only {victim.names.project} may: {hop.stage}: {hop.what}", request
                )
        for role in victim.roles:
            yield Attack(group, f"{who} assumes {role.name}", send.assume_from(arn, role.arn))
            if role.account == arn.split(":")[4]:
                for service in sorted(set(SERVICE_ROLES.values())):
                    what = f"{who} passes {role.name} to {service}"
                    yield Attack(group, what, send.pass_role(arn, role.arn, service))
    group = f"Services for {project}"
    for role in victim.roles:
        for source in _sources(intruder.names).get((role.job, role.account), ()):
            context: Mapping[str, ContextValue] = {"aws:SourceAccount": role.account, "aws:SourceArn": source}
            request = send.assume(SERVICE_ROLES[role.job], role.arn, context)
            yield Attack(group, f"{SERVICE_ROLES[role.job]} assumes {role.name} for {source}", request)


def _sources(names: Names) -> dict[tuple[str, str], tuple[str, ...]]:
    """Job and account of a role to what of this project a service could act for under the other's role of that job.

    Roles of Step Functions and SageMaker are trusted for all state machines and jobs of their account, as AWS documents
    it (:mod:`xacct_ml.proof.matrix.intended`): there, that nobody else may pass the role keeps others away.
    """
    stack = names.arn("cloudformation", names.training, f"stack/{names.stack}/{STACK_ID}")
    return {
        ("pipeline", names.shared): (names.pipeline_arn,),
        ("copy-model", names.shared): (names.copy_function_arn,),
        ("start", names.shared): (names.rule_arn(names.push_rule), names.rule_arn(names.data_rule)),
        ("cloudformation", names.training): (stack,),
        **{
            ("deploy-function", account): tuple(
                names.function_arn(each) for each in names.production if each.id == account
            )
            for account in {target.id for target in names.production}
        },
    }


# -- the whole matrix ------------------------------------------------------------------------------------------------
def _matrix(victim: Project, intruder: Project, papers: Documents, places: Sequence[Place]) -> tuple[int, list[Cell]]:
    """How many requests of the intruder's roles on the victim's places there are, and those not certainly denied."""
    questions = Questions(victim.config, papers, victim.key_arn)
    people = [Principal.session(role.arn, "beside") for role in intruder.roles]
    requests = 0
    cells: list[Cell] = []
    for question in questions.about(places, people):
        requests += len(question.column.actions)
        if question.idle:
            continue
        decision = authorize(question.request, questions.store)
        if decision.outcome is not Outcome.DENIED:
            place = question.place
            assert place is not None  # only places were asked about
            cells.extend(_cell(intruder.names, each, place, decision) for each in question.each())
    return requests, cells


def _cell(names: Names, request: Request, place: Place, decision: Decision) -> Cell:
    documented = wider(names, request) if decision.allowed else None
    return Cell(request, place.resource_class, decision, None, documented.why if documented else None)
