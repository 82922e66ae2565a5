"""Two bootstraps at once, made to meet where a sweep wants it: threads wait for each other at a call, not for time."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from botocore.awsrequest import AWSResponse

from tests.sweeps.sweep import Case, Sweep
from tests.sweeps.wire import Call, Send
from xacct_ml.engine.events import Event, Noted
from xacct_ml.errors import XacctError

COMMAND = "bootstrap"
SIDE_BY_SIDE, WITHIN = "both at the same write", "one inside the other"
KINDS = (SIDE_BY_SIDE, WITHIN)

_UNUSED_KEY = re.compile(r"/kms/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
"""A key that is not the one behind the alias, which is called otherwise."""

LONGEST_SECONDS = 120.0
"""For a run that stands at a call to which the other never comes and that the other waits for: none is known."""


@dataclass
class Meeting:
    """Neither run sends ``at`` before the other has come to it as well, or has ended without it."""

    at: Call
    met: bool = False
    _both: threading.Barrier = field(default_factory=lambda: threading.Barrier(2))

    def __call__(self, call: Call, attempt: int, send: Send) -> AWSResponse:
        if call == self.at and attempt == 1:
            try:
                self._both.wait(LONGEST_SECONDS)
                self.met = True
            except threading.BrokenBarrierError:
                pass
        return send()

    def ended(self) -> None:
        self._both.abort()


@dataclass
class Within:
    """All of ``other`` happens right before ``at`` is sent."""

    at: Call
    other: Callable[[], object]
    met: bool = False

    def __call__(self, call: Call, attempt: int, send: Send) -> AWSResponse:
        if call == self.at and attempt == 1:
            self.met = True
            self.other()
        return send()


@dataclass
class Race:
    """How two runs ended: what each user would read, and everything there was then."""

    met: bool
    errors: list[XacctError]
    told: list[str]
    found: dict[str, object]
    lost_keys: int
    """Keys that nothing uses: the operator's policies have no right on them, so an administrator deletes them."""


def cases(sweep: Sweep) -> Iterator[Case]:
    """Every write of a bootstrap, in both kinds."""
    for call in sweep.reference(COMMAND).calls:
        if call.writes:
            yield from (Case(COMMAND, kind, call) for kind in KINDS)


def race(sweep: Sweep, case: Case) -> Race:
    world, reference = sweep.world, sweep.reference(COMMAND)
    reference.start.restore()
    events: list[Event] = []
    errors: list[XacctError | None] = []

    def ours() -> None:
        errors.append(reference.command.run(world, world.wire, events.append))

    def theirs() -> None:
        errors.append(reference.command.run(world, world.rival, events.append))

    strike = Meeting(case.call) if case.kind == SIDE_BY_SIDE else Within(case.call, theirs)
    world.begin(strike)
    if isinstance(strike, Meeting):
        world.rival.begin(strike)
        _at_once(strike, ours, theirs)
    else:
        ours()
    found = world.everything()
    unused = [place for place in found if _UNUSED_KEY.search(place)]
    for place in unused:
        found.pop(place)
    told = [event.text for event in events if isinstance(event, Noted)]
    return Race(strike.met, [error for error in errors if error is not None], told, found, len(unused))


def problem(sweep: Sweep, case: Case) -> str | None:
    """What does not hold: both done, one of everything, each key that lost told by its run."""
    ended = race(sweep, case)
    if ended.errors:
        return " / ".join(line for error in ended.errors for line in error.lines())
    if case.kind == WITHIN and not ended.met:
        return "the call was not made"
    if ended.lost_keys != len(ended.told) or not all("was never used" in text for text in ended.told):
        return f"{ended.lost_keys} keys lost, told: {ended.told}"
    return sweep.difference(sweep.reference(COMMAND), ended.found)


def _at_once(meeting: Meeting, *runs: Callable[[], None]) -> None:
    def run(one: Callable[[], None]) -> None:
        try:
            one()
        finally:
            meeting.ended()

    with ThreadPoolExecutor(len(runs)) as pool:
        for done in [pool.submit(run, one) for one in runs]:
            done.result()
