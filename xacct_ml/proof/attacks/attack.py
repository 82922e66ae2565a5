"""What must be impossible: requests of intruders and of our own roles beyond their jobs, each of which must be
denied.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xacct_ml.access.documents_store import DocumentStore
from xacct_ml.access.model import Decision, Outcome
from xacct_ml.access.store import authorize
from xacct_ml.config.model import Config
from xacct_ml.proof.attacks.intruder import Attack, with_intruders
from xacct_ml.proof.attacks.key import key_attacks
from xacct_ml.proof.attacks.other_sources import other_source_attacks
from xacct_ml.proof.attacks.regional import regional_attacks
from xacct_ml.proof.attacks.role import role_attacks
from xacct_ml.proof.attacks.source_account import source_account_attacks
from xacct_ml.proof.attacks.storage import storage_attacks
from xacct_ml.proof.prove import hops
from xacct_ml.proof.requests.hop import Sender
from xacct_ml.proof.world import all_keys, documents_store
from xacct_ml.system.names import Names, RegionalKeys
from xacct_ml.system.roles import roles


@dataclass(frozen=True)
class RepelledAttack:
    attack: Attack
    decision: Decision

    @property
    def repelled(self) -> bool:
        """Only a certain denial counts."""
        return self.decision.outcome is Outcome.DENIED


def attack_all(
    config: Config,
    *,
    store: DocumentStore | None = None,
    key_arn: str | None = None,
    regional_keys: RegionalKeys | None = None,
) -> tuple[RepelledAttack, ...]:
    """Decides every attack. Without ``store``, against the documents that this map would deploy."""
    key = key_arn or Names(config).key_arn()
    policies = with_intruders(config, store or documents_store(config, key, regional_keys))
    tried = attacks(config, key, regional_keys)
    return tuple(RepelledAttack(attack, authorize(attack.request, policies)) for attack in tried)


def attacks(config: Config, key_arn: str, regional_keys: RegionalKeys | None = None) -> Iterator[Attack]:
    send = Sender(config, key_arn, regional_keys)
    made = roles(config, all_keys(config, key_arn, regional_keys))
    key_users = {
        (hop.request.resource, hop.request.principal.role_arn or "")
        for hop in hops(config, key_arn, regional_keys)
        if hop.request.action.startswith("kms:")
    }

    def users(sender: Sender) -> set[str]:
        return {role for key, role in key_users if key == sender.key_arn}

    yield from storage_attacks(config, send, made)
    yield from key_attacks(config, send, made, users(send))
    for region in send.names.other_regions:
        there = send.in_region(region)
        yield from regional_attacks(config, there, made)
        yield from key_attacks(config, there, made, users(there))
    yield from role_attacks(config, send, made)
    yield from source_account_attacks(config, send)
    yield from other_source_attacks(config, send, made)
