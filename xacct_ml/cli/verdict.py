"""Everything that ``verify`` decides, of the map or of the accounts, in one value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from xacct_ml.aws.accounts import Clients
from xacct_ml.config.model import Config
from xacct_ml.operations.deployed_policies import (
    Difference,
    Live,
    StalePrincipal,
    differences,
    others_statements,
    read_live,
    stale_principals,
)
from xacct_ml.proof.attacks.attack import RepelledAttack, attack_all
from xacct_ml.proof.isolation import Intrusion, separation
from xacct_ml.proof.matrix.matrix import Matrix, whole_matrix
from xacct_ml.proof.minimality.minimality import Minimality, minimality
from xacct_ml.proof.prove import Proof, ProvenHop, prove
from xacct_ml.proof.reference import Contradiction, contradictions
from xacct_ml.proof.remediation.remedies import Remedies, World


@dataclass(frozen=True)
class InAccounts:
    """What only the accounts can tell."""

    read: Live
    differences: tuple[Difference, ...]
    stale: tuple[StalePrincipal, ...]
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By title of an adopted resource's policy, the Sids of the statements that are not ours."""


@dataclass(frozen=True)
class Verdict:
    """``minimality`` and ``contradictions`` are about the map's documents: None and empty with ``live``."""

    world: World
    proof: Proof
    attacks: tuple[RepelledAttack, ...]
    matrix: Matrix
    minimality: Minimality | None = None
    contradictions: tuple[Contradiction, ...] = ()
    live: InAccounts | None = None
    beside: tuple[Intrusion, ...] = ()

    @property
    def failed_hops(self) -> tuple[ProvenHop, ...]:
        return tuple(proven for proven in self.proof.hops if not proven.decision.allowed)

    @property
    def successful_attacks(self) -> tuple[RepelledAttack, ...]:
        return tuple(attack for attack in self.attacks if not attack.repelled)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is assumed because nothing shows it."""
        if self.live is None:
            return self.proof.notes
        outside = "service control policies and other policies of an organization are not visible and not counted"
        operator = self.world.config.accounts.shared.role_arn
        if operator is None:
            return (outside,)
        return (outside, f"the operator {operator} is taken to have the policies that render writes")

    def failures(self) -> tuple[str, ...]:
        """One line for each part that does not hold; none where all is proven."""
        found = [
            (len(self.failed_hops), f"of {len(self.proof.hops)} hops not allowed"),
            (len(self.successful_attacks), f"of {len(self.attacks)} attacks not denied"),
            (len(self.matrix.unintended), "requests of the matrix allowed (or undetermined) that no hop means"),
            (len(self.contradictions), "contradictions to the Service Authorization Reference"),
        ]
        if not self.failed_hops:  # else the same is said twice
            found.append((len(self.matrix.unexercised), "hops that the matrix does not show as allowed"))
        if self.minimality is not None:
            found.append((len(self.minimality.unneeded), "parts of documents that nothing needs"))
        if self.live is not None:
            found.append((len(self.live.read.absent), "roles or buckets that do not exist"))
            found.append((len(self.live.read.unreadable), "policies that could not be read"))
            found.append((len(self.live.stale), "principals that point at deleted roles or users"))
        for each in self.beside:
            found.append((len(each.successful), f"attacks of {each.intruder} on {each.victim} not denied"))
            found.append(
                (len(each.unintended), f"requests of {each.intruder}'s roles allowed on what is {each.victim}'s")
            )
        return tuple(f"{count} {what}" for count, what in found if count)

    def remedies(self) -> Remedies:
        return Remedies(self.world)


def of_map(config: Config, beside: Iterable[Config] = ()) -> Verdict:
    """Proves the documents that the map would deploy, and, against each project ``beside`` it, that neither reaches
    the other. Calls nothing.
    """
    return Verdict(
        World.of_map(config),
        prove(config),
        attack_all(config),
        whole_matrix(config),
        minimality(config),
        contradictions(config),
        beside=tuple(intrusion for other in beside for intrusion in separation(config, other)),
    )


def of_accounts(config: Config, accounts: Clients) -> Verdict:
    """Proves the documents that are in the accounts.

    The matrix is decided without permissions boundaries, which only take away: what it allows is an upper bound.
    Raises :class:`xacct_ml.errors.NotReady` where there is no key yet.
    """
    read = read_live(config, accounts)
    store, key, others = read.store(), read.key_arn, read.regional_keys
    return Verdict(
        World(config, key, read.papers, store, others),
        prove(config, store=store, key_arn=key, regional_keys=others),
        attack_all(config, store=store, key_arn=key, regional_keys=others),
        whole_matrix(config, papers=read.papers, key_arn=key, regional_keys=others),
        live=InAccounts(read, differences(config, read), stale_principals(read), others_statements(config, read)),
    )
