"""The attacks again, with everything in reach of whoever attacks: what is one more call away is not denied."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from xacct_ml.access.documents_store import DocumentStore
from xacct_ml.access.model import Request
from xacct_ml.proof.attacks.attack import RepelledAttack
from xacct_ml.proof.attacks.intruder import Attack, intruders
from xacct_ml.proof.attacks.names import NAMES
from xacct_ml.proof.reach.attackers import OF_OTHERS, attacker_of, attacks_on_others, further_attacks, with_attackers
from xacct_ml.proof.reach.decisions import Decisions, Holder, policy_writer
from xacct_ml.proof.reach.reach import Path, Reach, Way, reach_of, shortest
from xacct_ml.proof.reach.steps import Steps
from xacct_ml.proof.world import World


@dataclass(frozen=True)
class Possible:
    """An attack that is possible after the calls of ``path``; at once, where it is empty. ``by`` then asks."""

    attack: Attack
    path: Path
    by: Holder


@dataclass(frozen=True)
class Further:
    """``tried`` counts attacks by group: those that must be denied at once, and those that are tried in this way
    only."""

    tried: Counter[str]
    possible: tuple[Possible, ...]

    @property
    def total(self) -> int:
        return sum(self.tried.values())

    def possible_of(self, group: str) -> int:
        return sum(one.attack.group == group for one in self.possible)


NOTHING_FURTHER = Further(Counter(), ())


def further(world: World, attacks: Iterable[RepelledAttack]) -> Further:
    """``attacks`` as they were decided: those that succeed at once are no matter of this, nor those by names, in which
    our documents alone stand in the way."""
    denied = [one.attack for one in attacks if one.repelled and one.attack.group != NAMES]
    trials = _Trials(world, with_attackers(world))
    of_intruders = frozenset(intruders(world.names).values())
    for attack in denied:
        trials.try_(attacker_of(attack, of_intruders), attack)
    for attacker, attack in further_attacks(world, denied):
        trials.try_(attacker, attack)
    for attacker, attack in attacks_on_others(world):
        trials.try_(attacker, attack, at_once=True)
    return Further(trials.counted, tuple(_collapsed(trials.possible)))


def of_another_project(victim: World, intruder: World, store: DocumentStore, attacks: Iterable[Attack]) -> Further:
    """The attacks of the other project's roles and operators, of whom ``store`` has the policies."""
    trials = _Trials(victim, store, intruder)
    for attack in attacks:
        trials.try_(attacker_of(attack, ()), attack)
    return Further(trials.counted, tuple(trials.possible))


class _Trials:
    """What each attacker reaches is found once."""

    def __init__(self, world: World, store: DocumentStore, beside: World | None = None) -> None:
        self._world, self._decisions = world, Decisions(world, store, beside)
        self._steps = Steps(world, store, self._decisions)
        self._reaches: dict[Holder, Reach] = {}
        self.counted: Counter[str] = Counter()
        self.possible: list[Possible] = []

    def try_(self, attacker: Holder | None, attack: Attack, *, at_once: bool = False) -> None:
        """``at_once``: counts too where no further call is needed."""
        self.counted[attack.group] += 1
        if attacker is None or (not at_once and self._decisions.allowed(attacker, attack.request)):
            return
        if attacker not in self._reaches:
            self._reaches[attacker] = reach_of(attacker, self._world, self._steps, self._decisions)
        way = self._way(attack.request, self._reaches[attacker])
        if way is not None:
            self.possible.append(Possible(attack, way.path, way.by))

    def _way(self, request: Request, reach: Reach) -> Way | None:
        """The shortest; None where there is none."""
        found = [way] if (way := shortest(reach.holders, request, self._decisions)) is not None else []
        writer = policy_writer(request)
        if writer is not None and request.action != writer.action:
            written = reach.writable.get(writer.resource)
            if written is None and (way := shortest(reach.holders, writer, self._decisions)) is not None:
                written = (*way.path, "writes its policy")
            if written is not None:
                found += [
                    Way(_longer(path, written), holder)
                    for holder, path in reach.holders.items()
                    if self._decisions.allowed(holder, request, opened=True)
                ]
        return min(found, key=lambda way: (len(way.path), way.by.everything), default=None)


def _longer(path: Path, written: Path) -> Path:
    """To be somebody and to have a policy written for him: the steps of both, each once."""
    return tuple(dict.fromkeys((*path, *written)))


def _collapsed(possible: Sequence[Possible]) -> Iterator[Possible]:
    """Whoever comes to every right of his account can do there what its administrator can: one line says so, and names
    beside what of others he comes to without that."""
    witness = next(iter(OF_OTHERS.values()))[0]
    administrators = {one.attack.group for one in possible if one.attack.request.action == witness}
    for one in possible:
        if one.attack.group not in administrators or (one.attack.what.endswith(" of others") and not one.by.everything):
            yield one
        elif one.attack.request.action == witness:
            what = f"everything that an administrator of {one.attack.request.resource_account} can"
            yield Possible(Attack(one.attack.group, what, one.attack.request), one.path, one.by)
