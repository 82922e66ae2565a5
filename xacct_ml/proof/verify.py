"""Everything that ``verify`` decides, in one value."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xacct_ml.errors import XacctError
from xacct_ml.proof.attacks.attack import RepelledAttack, attack_all
from xacct_ml.proof.isolation import Intrusion, separation
from xacct_ml.proof.matrix.matrix import Matrix, whole_matrix
from xacct_ml.proof.minimality.minimality import Minimality, minimality
from xacct_ml.proof.prove import Proof, ProvenHop, prove
from xacct_ml.proof.reach.further import NOTHING_FURTHER, Further, further
from xacct_ml.proof.reference import Contradiction, contradictions
from xacct_ml.proof.remediation.remedies import Remedies
from xacct_ml.proof.world import World


@dataclass(frozen=True)
class Verdict:
    """``minimality`` and ``contradictions`` are about the map's documents: None and empty where they are others.
    ``further`` is what stays possible by further calls. It makes no verdict fail: much of it an account's own
    administrators can do whatever a map says."""

    world: World
    proof: Proof
    attacks: tuple[RepelledAttack, ...]
    matrix: Matrix
    minimality: Minimality | None = None
    contradictions: tuple[Contradiction, ...] = ()
    beside: tuple[Intrusion, ...] = ()
    further: Further = NOTHING_FURTHER

    @property
    def failed_hops(self) -> tuple[ProvenHop, ...]:
        return tuple(proven for proven in self.proof.hops if not proven.decision.allowed)

    @property
    def successful_attacks(self) -> tuple[RepelledAttack, ...]:
        return tuple(attack for attack in self.attacks if not attack.repelled)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is assumed because nothing shows it."""
        return self.proof.notes

    def failures(self) -> tuple[str, ...]:
        """One line for each part that does not hold, and for each thing that no hop is about; none where all is
        proven."""
        return (*(f"{count} {what}" for count, what in self._failing() if count), *self.proof.unproven)

    def _failing(self) -> Iterator[tuple[int, str]]:
        yield len(self.failed_hops), f"of {len(self.proof.hops)} hops not allowed"
        yield len(self.successful_attacks), f"of {len(self.attacks)} attacks not denied"
        yield len(self.matrix.unintended), "requests of the matrix allowed (or undetermined) that no hop means"
        yield len(self.contradictions), "contradictions to the Service Authorization Reference"
        if not self.failed_hops:  # else the same is said twice
            yield len(self.matrix.unexercised), "hops that the matrix does not show as allowed"
        if self.minimality is not None:
            yield len(self.minimality.unneeded), "parts of documents that nothing needs"
        for each in self.beside:
            yield len(each.successful), f"attacks of {each.intruder} on {each.victim} not denied"
            yield len(each.unintended), f"requests of {each.intruder}'s roles allowed on what is {each.victim}'s"

    def failure(self) -> XacctError | None:
        """What does not hold, in one line each."""
        failures = self.failures()
        if not failures:
            return None
        return XacctError(f"{self.subject}: {failures[0]}", details=failures[1:], next_step=self.next_step)

    @property
    def subject(self) -> str:
        return "the proof does not hold"

    @property
    def next_step(self) -> str | None:
        return None

    def remedies(self) -> Remedies:
        return Remedies(self.world)


def verify(world: World, beside: Iterable[World] = ()) -> Verdict:
    """Proves the documents that the map would deploy, and, against each project ``beside`` it, that neither reaches
    the other. Calls nothing."""
    attacks = attack_all(world)
    return Verdict(
        world,
        prove(world),
        attacks,
        whole_matrix(world),
        minimality(world.without_organization()),
        contradictions(world),
        beside=tuple(intrusion for other in beside for intrusion in separation(world, other)),
        further=further(world, attacks),
    )
