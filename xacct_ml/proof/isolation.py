"""Several projects in the same accounts: each is an intruder to the other.

The roles of one project, with exactly their own policies, ask for everything of the other: by hand, each request that
the other's run sends (attacks), and the whole matrix of actions on everything of the other. What both use under one
name (the service-made log group of training jobs, Step Functions' managed rule, AWS's image) belongs to neither."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from xacct_ml.access.documents_store import DocumentStore
from xacct_ml.access.model import Decision, Principal, Request
from xacct_ml.access.policy import Policy
from xacct_ml.access.store import authorize
from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.attack import RepelledAttack
from xacct_ml.proof.attacks.intruder import Attack
from xacct_ml.proof.attacks.role import service_roles
from xacct_ml.proof.matrix.intended import wider
from xacct_ml.proof.matrix.matrix import Cell, decide_classes
from xacct_ml.proof.matrix.request_classes import RequestClasses
from xacct_ml.proof.matrix.resource_catalog import Place, ResourceCatalog
from xacct_ml.proof.policies import Policies, statements_of
from xacct_ml.proof.reach.further import NOTHING_FURTHER, Further, of_another_project
from xacct_ml.proof.requests.samples import stack_arn
from xacct_ml.proof.world import World
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.statements import policy

OTHER_KEY_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"
"""Stands for the id of the other project's key, which is another than this one's."""

OPERATORS_WIDER = frozenset({"kms:DescribeKey", "cloudwatch:DescribeAlarms"})
"""An operator may look at every key of the shared account during the first run: the id of a key that does not exist yet
is not known, and its tags take up to five minutes to count (KMS Developer Guide, tag-authorization) [D]. And at every
alarm: AWS does not decide on less (:data:`xacct_ml.system.alarms.ALL_ALARMS`)."""


def other_keys(names: Names) -> Keys:
    """Stand-ins for the keys of the other project; this one's have the usual ones."""
    adopted = names.config.key.arn
    return Keys.of(
        {
            region: names.key_arn(OTHER_KEY_ID, region) if adopted is None or region != names.region else adopted
            for region in names.regions
        },
        {target.name: names.capture_key_arn(target, OTHER_KEY_ID) for target in names.capturing},
    )


@dataclass(frozen=True)
class Intrusion:
    """What ``intruder`` can do to ``victim``, by their projects' names. Of the matrix's ``requests``, ``unintended``
    are not certainly denied; ``wider`` are allowed because AWS documents the right for more than a project's own.
    ``further`` is what they can do by further calls."""

    victim: str
    intruder: str
    attacks: tuple[RepelledAttack, ...]
    requests: int
    wider: tuple[Cell, ...]
    unintended: tuple[Cell, ...]
    further: Further = NOTHING_FURTHER

    @property
    def successful(self) -> tuple[RepelledAttack, ...]:
        return tuple(attack for attack in self.attacks if not attack.repelled)

    @property
    def holds(self) -> bool:
        return not self.successful and not self.unintended


def separation(ours: World, theirs: World, *, policies: Policies | None = None) -> tuple[Intrusion, Intrusion]:
    """Both ways: the other project against this one, and this one against the other. The two have different keys.

    Without ``policies``, those of both (:func:`policies_of_both`). That no name is taken twice is presupposed."""
    given = policies or policies_of_both(ours, theirs)
    return _intrusion(ours.with_policies(given), theirs), _intrusion(theirs.with_policies(given), ours)


def policies_of_both(one: World, two: World) -> Policies:
    """All documents of two projects. An operator that both maps name has the policies of both."""
    first, second = one.policies, two.policies
    principals = dict(first.principals)
    for arn, policies in second.principals.items():
        principals[arn] = (*principals.get(arn, ()), *policies)
    entries = {**first.entries, **second.entries}
    for ref in first.entries.keys() & second.entries.keys():  # the event bus's policy has a statement of each
        entries[ref] = policy(*statements_of(first.entries[ref]), *statements_of(second.entries[ref]))
    return Policies(entries, principals, first.organization)


def _intrusion(victim: World, intruder: World) -> Intrusion:
    """Decided by the victim's ``policies``, which are those of both."""
    common = {place.arn for place in intruder.places}
    places = ResourceCatalog(place for place in victim.places if place.arn not in common)
    requests, cells = _matrix(victim, intruder, places)
    store = _with_strangers(victim, intruder)
    attacks = list(_attacks(victim, intruder, places))
    return Intrusion(
        victim.names.project,
        intruder.names.project,
        tuple(RepelledAttack(attack, authorize(attack.request, store)) for attack in attacks),
        requests,
        tuple(cell for cell in cells if cell.why),
        tuple(cell for cell in cells if not cell.why),
        of_another_project(victim, intruder, store, (*attacks, *_on_the_keys(victim, intruder))),
    )


# -- attacks ---------------------------------------------------------------------------------------------------------
def _with_strangers(victim: World, intruder: World) -> DocumentStore:
    store = victim.store
    for arn, policies in _strange_operators(victim, intruder).items():
        store = store.with_principal(arn, policies)
    return store


def _on_the_keys(victim: World, intruder: World) -> Iterator[Attack]:
    """Taking the keys over, which no run asks for."""
    group = f"The roles of {intruder.names.project}"
    for arn in _strange_operators(victim, intruder):
        for region in victim.names.regions:
            there = victim.send.in_region(region)
            for action in ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"):
                what = f"{Arn.parse(arn).name}: {action} on the key of {region}"
                yield Attack(group, what, there.call(arn, action, there.key_arn))


def _strange_operators(victim: World, intruder: World) -> dict[str, tuple[Policy, ...]]:
    """The intruder's operators who are not the victim's as well."""
    return {arn: policies for arn, policies in intruder.named_operators.items() if arn not in victim.named_operators}


def _attacks(victim: World, intruder: World, places: ResourceCatalog) -> Iterator[Attack]:
    project = intruder.names.project
    group = f"The roles of {project}"
    send, meant = victim.send, service_roles(victim)
    wanted = [hop for hop in victim.hops if places.of(hop.request.resource) is not None]
    strangers = _strange_operators(victim, intruder)
    for arn in (*(role.arn for role in intruder.roles), *strangers):
        who = Arn.parse(arn).name
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
            if role.account == Arn.parse(arn).account:
                for service in sorted({service for service, _ in meant.values()}):
                    what = f"{who} passes {role.name} to {service}"
                    yield Attack(group, what, send.pass_role(arn, role.arn, service))
    group = f"Services for {project}"
    for role in victim.roles:
        for source in _sources(intruder.names).get((role.job, role.account), ()):
            service, _ = meant[role.arn]
            request = send.assume_for(service, role.arn, source)
            yield Attack(group, f"{service} assumes {role.name} for {source}", request)


def _sources(names: Names) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Job and account of a role to what of this project a service could act for under the other's role of that job.

    Roles of Step Functions and SageMaker are trusted for all state machines and jobs of their account, as AWS documents
    it (:mod:`xacct_ml.proof.matrix.intended`): there, that nobody else may pass the role keeps others away."""
    return {
        ("pipeline", names.shared): tuple(names.pipeline_arns),
        ("copy-model", names.shared): (names.copy_function_arn,),
        ("registry", names.shared): (names.registry_function_arn,),
        ("scheduler", names.shared): (names.schedule_group_arn,),
        ("schedule-function", names.shared): (names.schedule_function_arn,),
        ("start", names.shared): tuple(
            names.rule_arn(rule) for rule in (names.push_rule, names.data_rule, names.release_rule)
        ),
        ("cloudformation", names.training): (stack_arn(names),),
        **{
            ("deploy-function", account): tuple(
                names.function_arn(each) for each in names.production if each.id == account
            )
            for account in {target.id for target in names.production}
        },
    }


# -- the whole matrix ------------------------------------------------------------------------------------------------
def _matrix(victim: World, intruder: World, places: ResourceCatalog) -> tuple[int, list[Cell]]:
    """How many requests of the intruder's roles on the victim's places there are, and those not certainly denied."""
    classes = RequestClasses(victim)
    people = [Principal.session(role.arn, "beside") for role in intruder.roles]
    decided = decide_classes(classes.about(places, people), classes.store)
    cells: list[Cell] = []
    for asked, decision in decided.not_denied:
        assert asked.place is not None  # only places were asked about
        cells.extend(_cell(intruder.names, each, asked.place, decision) for each in asked.each())
    return decided.requests, cells


def _cell(names: Names, request: Request, place: Place, decision: Decision) -> Cell:
    documented = wider(names, request) if decision.allowed else None
    return Cell(request, place.resource_class, decision, None, documented.why if documented else None)
