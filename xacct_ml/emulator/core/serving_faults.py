"""What may be wrong with a model that serves, for who tries what becomes of its deployment."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServingFault:
    """Of every endpoint that serves the model, but for those whose names contain ``spares``.

    ``fails`` is why no container comes up, ``status`` what the container answers instead of 200, ``latency_ms`` how
    long it is said to take, ``added`` what is added to its numbers; ``silent`` takes an update back without
    a reason."""

    fails: str = ""
    status: int = 200
    latency_ms: float = 1.0
    added: float = 0.0
    silent: bool = False
    spares: str = ""


SOUND = ServingFault()


def fault_of(faults: Mapping[str, ServingFault], model_url: str, endpoint: str) -> ServingFault:
    """``faults`` by a part of the URL of the model's archive: its digest."""
    found = next((fault for part, fault in faults.items() if part in model_url), SOUND)
    return SOUND if found.spares and found.spares in endpoint else found
