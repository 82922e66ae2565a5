"""What must be impossible: requests of intruders and of our own roles beyond their jobs, each of which must be
denied."""

from collections.abc import Iterator
from dataclasses import dataclass

from xacct_ml.access.model import Decision, Outcome
from xacct_ml.access.store import authorize
from xacct_ml.proof.attacks.approver import approver_attacks
from xacct_ml.proof.attacks.autoscaling import scaling_attacks
from xacct_ml.proof.attacks.batch import batch_attacks
from xacct_ml.proof.attacks.capture import capture_attacks
from xacct_ml.proof.attacks.evidence import evidence_attacks
from xacct_ml.proof.attacks.intruder import Attack, with_intruders
from xacct_ml.proof.attacks.key import key_attacks
from xacct_ml.proof.attacks.names import name_attacks
from xacct_ml.proof.attacks.notifications import notification_attacks
from xacct_ml.proof.attacks.regional import regional_attacks
from xacct_ml.proof.attacks.registry import registry_attacks
from xacct_ml.proof.attacks.release import release_attacks
from xacct_ml.proof.attacks.role import role_attacks
from xacct_ml.proof.attacks.schedule import schedule_attacks
from xacct_ml.proof.attacks.scoring import scoring_attacks
from xacct_ml.proof.attacks.smoke import smoke_attacks
from xacct_ml.proof.attacks.source import source_attacks
from xacct_ml.proof.attacks.storage import storage_attacks
from xacct_ml.proof.world import World


@dataclass(frozen=True)
class RepelledAttack:
    attack: Attack
    decision: Decision

    @property
    def repelled(self) -> bool:
        """Only a certain denial counts."""
        return self.decision.outcome is Outcome.DENIED


def attack_all(world: World) -> tuple[RepelledAttack, ...]:
    """Decides every attack."""
    store = with_intruders(world.names, world.store)
    return tuple(RepelledAttack(attack, authorize(attack.request, store)) for attack in attacks(world))


def attacks(world: World) -> Iterator[Attack]:
    for region in world.names.regions:
        there = world.send.in_region(region)
        yield from storage_attacks(world, there)
        yield from regional_attacks(there)
        yield from key_attacks(world, there)
        yield from evidence_attacks(world, there)
    yield from role_attacks(world)
    yield from scoring_attacks(world)
    yield from batch_attacks(world)
    yield from smoke_attacks(world)
    yield from registry_attacks(world)
    yield from release_attacks(world)
    yield from schedule_attacks(world)
    yield from notification_attacks(world)
    yield from source_attacks(world)
    yield from approver_attacks(world)
    yield from name_attacks(world)
    yield from capture_attacks(world)
    yield from scaling_attacks(world)
