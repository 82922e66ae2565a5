"""Every hop against every document, from the account map alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xacct_ml.access.model import Decision
from xacct_ml.access.store import PolicyStore, authorize
from xacct_ml.config.model import Config
from xacct_ml.proof.requests.hop import Hop, Sender
from xacct_ml.proof.requests.other_sources import other_source_hops
from xacct_ml.proof.requests.production import deploy_hops
from xacct_ml.proof.requests.regional import regional_hops
from xacct_ml.proof.requests.shared import source_hops, start_hops
from xacct_ml.proof.requests.source_account import push_hops, source_account_hops
from xacct_ml.proof.requests.training import train_hops, workflow_hops
from xacct_ml.proof.world import documents_store
from xacct_ml.system.names import Names, RegionalKeys
from xacct_ml.system.waves import waves


@dataclass(frozen=True)
class ProvenHop:
    """``number`` counts from 1 in the order of a run."""

    number: int
    hop: Hop
    decision: Decision


@dataclass(frozen=True)
class Proof:
    """``notes`` are what the map cannot tell and the proof therefore assumes."""

    hops: tuple[ProvenHop, ...]
    notes: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return all(proven.decision.allowed for proven in self.hops)


def hops(config: Config, key_arn: str, regional_keys: RegionalKeys | None = None) -> Iterator[Hop]:
    """Every request of a run, in its order.

    ``key_arn`` is the key of the pipeline's region; ``regional_keys`` the others', stand-ins by default.
    """
    send = Sender(config, key_arn, regional_keys)
    yield from push_hops(send)
    yield from start_hops(config, send)
    yield from _source_hops(send)
    yield from workflow_hops(send)
    yield from train_hops(send)
    for wave in waves(config):
        yield from regional_hops(send, wave)
        for target in wave.targets:
            there = send.in_region(send.names.region_of(target))
            yield from deploy_hops(there, f"{wave.deploy_stage} {target.name}", target)


def _source_hops(send: Sender) -> Iterator[Hop]:
    if not send.names.uses_codecommit:
        return other_source_hops(send)
    return source_hops(send) if send.names.source_account is None else source_account_hops(send)


def prove(
    config: Config,
    *,
    store: PolicyStore | None = None,
    key_arn: str | None = None,
    regional_keys: RegionalKeys | None = None,
) -> Proof:
    """Decides every hop. Without ``store``, from the documents that this map would deploy."""
    names = Names(config)
    key = key_arn or names.key_arn()
    policies = store or documents_store(config, key, regional_keys)
    proven = tuple(
        ProvenHop(number, hop, authorize(hop.request, policies))
        for number, hop in enumerate(hops(config, key, regional_keys), start=1)
    )
    return Proof(proven, tuple(_notes(config)))


def _notes(config: Config) -> Iterator[str]:
    if config.roles.permissions_boundary is not None:
        yield (
            f"the permissions boundary {config.roles.permissions_boundary} is not in the map: "
            "assumed to allow what the roles' own policies allow"
        )
    adopted = [what for what, given in (("key", config.key.arn), ("bucket", "shared/bucket" in config.adopt)) if given]
    for what in adopted:
        yield (
            f"the {what} is adopted: what its owner has in its policy beside is not in the map; "
            "verify --live proves it together with ours"
        )
    if config.accounts.shared.role_arn is None:
        yield "the map names no role_arn for the shared account: the operator's upload is left to that account's IAM"
