"""The proof of the policies that are in the accounts."""

from collections.abc import Iterator
from dataclasses import dataclass

from xacct_ml.access.organization import NO_ORGANIZATION, Organization
from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.engine.plan import absent
from xacct_ml.engine.resource import Resource, describe
from xacct_ml.errors import XacctError
from xacct_ml.operations import approvers_trust, policies
from xacct_ml.operations.deployed_policies import (
    Difference,
    Live,
    StalePrincipal,
    differences,
    others_statements,
    stale_principals,
)
from xacct_ml.operations.source_state import NO_DIFFERENCE, ConfigurationState, look
from xacct_ml.proof.attacks.attack import attack_all
from xacct_ml.proof.matrix.matrix import whole_matrix
from xacct_ml.proof.prove import prove
from xacct_ml.proof.reach.further import further
from xacct_ml.proof.verify import Verdict
from xacct_ml.resources.blueprint import bootstrap_resources, pipeline_resources


@dataclass(frozen=True, kw_only=True)
class LiveVerdict(Verdict):
    """``others`` are, by title of an adopted resource's policy, the Sids of the statements that are not ours.
    ``missing`` names whatever else of the map was not found; it has no policies, so that nothing is proven of it and no
    verdict fails by it.

    ``unbound_names`` is why two approvals may be of one person: it makes no verdict fail, because the trust of that
    role is not the map's. Neither does ``configuration``, what the source says otherwise than the map: no right follows
    from it."""

    live: Live
    differences: tuple[Difference, ...]
    stale: tuple[StalePrincipal, ...]
    others: dict[str, tuple[str, ...]]
    missing: tuple[str, ...] = ()
    unbound_names: str | None = None
    configuration: ConfigurationState = NO_DIFFERENCE

    @property
    def notes(self) -> tuple[str, ...]:
        said_to_be = "" if self.world.policies.organization is NO_ORGANIZATION else ", beside those that were given"
        outside = "service control policies and other policies of an organization are not visible and not counted"
        outside += said_to_be
        said = (outside, *filter(None, (self.unbound_names, self.configuration.sentence)))
        if self.world.operator is None:
            return said
        return (*said, f"the operator {self.world.operator} is taken to have the policies that render writes")

    @property
    def subject(self) -> str:
        return "the policies in the accounts do not hold"

    @property
    def next_step(self) -> str:
        bootstrap = "xacct-ml bootstrap puts the map's policies back"
        if not self.others:
            return bootstrap
        return f"{bootstrap}; statements of others in {', '.join(self.others)} are their owners' to change"

    def _failing(self) -> Iterator[tuple[int, str]]:
        yield from super()._failing()
        yield len(self.live.absent), "roles or buckets that do not exist"
        yield len(self.live.unreadable), "policies that could not be read"
        yield sum(one.widens for one in self.differences), "documents that may permit more than the map's"
        yield len(self.stale), "principals that point at deleted roles or users"


def verify_live(config: Config, accounts: Clients, organization: Organization = NO_ORGANIZATION) -> LiveVerdict:
    """Raises :class:`xacct_ml.errors.NotReady` where there is no key yet."""
    live = policies.live(config, accounts, organization)
    unbound = approvers_trust.look(config, accounts)
    return verdict_of(live, unbound, missing(config, accounts, live), look(config, accounts))


def missing(config: Config, accounts: Clients, live: Live) -> tuple[str, ...]:
    """What the map has and was not found, besides what ``live`` says of itself: each by its type, name and account,
    and why where it could not be looked at."""
    said = {thing.id for thing in live.world.things if thing.arn in live.absent}
    gone = absent((*bootstrap_resources(config, accounts), *pipeline_resources(config, accounts)))
    return tuple(_words(one, why) for one, why in gone if one.id not in said)


def _words(resource: Resource, why: XacctError | None) -> str:
    return f"{describe(resource)} in {resource.account}{f': {why.message}' if why else ''}"


def verdict_of(
    live: Live,
    unbound_names: str | None = None,
    missing: tuple[str, ...] = (),
    configuration: ConfigurationState = NO_DIFFERENCE,
) -> LiveVerdict:
    """The matrix is decided without permissions boundaries, which only take away: what it allows is an upper bound."""
    attacks = attack_all(live.world)
    return LiveVerdict(
        world=live.world,
        proof=prove(live.world),
        attacks=attacks,
        further=further(live.world, attacks),
        matrix=whole_matrix(live.world),
        live=live,
        differences=differences(live),
        stale=stale_principals(live),
        others=others_statements(live),
        missing=missing,
        unbound_names=unbound_names,
        configuration=configuration,
    )
