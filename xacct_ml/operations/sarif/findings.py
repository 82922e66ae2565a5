"""A verdict, or a map that is refused, as findings."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from xacct_ml.access.model import Decision, Layer, Request, StatementRef
from xacct_ml.arn import Arn
from xacct_ml.errors import InputError
from xacct_ml.operations.sarif.log import Found, Place, log
from xacct_ml.operations.sarif.places import Places
from xacct_ml.operations.verify_live import LiveVerdict
from xacct_ml.proof.isolation import Intrusion
from xacct_ml.proof.matrix.matrix import Cell
from xacct_ml.proof.policies import DocumentRef
from xacct_ml.proof.remediation.remedies import Remedies
from xacct_ml.proof.verify import Verdict
from xacct_ml.proof.words import Words, reason

_FURTHER = re.compile(r"(\d+):(\d+): (.*)", re.DOTALL)
_NOTED = {"permissions boundary": ("roles", "permissions_boundary"), "adopted": ("adopt",), "role_arn": ("accounts",)}
"""Words of a note of the proof, and the member of the map that it is about."""


def of_map(error: InputError) -> str:
    """Every fault of a map that is refused, each at its line."""
    file = error.file or "."
    found = [Found("map-invalid", error.reason, Place(file, error.line or 1, error.column), error.reason)]
    for detail in error.details:
        if (further := _FURTHER.fullmatch(detail)) is not None:
            line, column, text = further.groups()
            found.append(Found("map-invalid", text, Place(file, int(line), int(column)), text))
    return log(found, "map")


def of_verdict(verdict: Verdict, file: Path, limits: Mapping[str, Path]) -> str:
    """``file`` is the map; ``limits`` are the organization's policies that were given, by name."""
    about = "accounts" if isinstance(verdict, LiveVerdict) else "map"
    found = _Findings(verdict, Places(file, verdict.world, limits)).all()
    return log(found, f"{about}/{verdict.world.config.project}")


class _Findings:
    def __init__(self, verdict: Verdict, places: Places) -> None:
        self._verdict = verdict
        self._places = places
        self._words = Words(verdict.world.config)
        self._remedies: Remedies = verdict.remedies()
        self._titles = {ref.title: ref for ref in verdict.world.policies.entries}

    def all(self) -> Iterator[Found]:
        verdict = self._verdict
        yield from self._hops()
        for attack in verdict.successful_attacks:
            request, what = attack.attack.request, f"{attack.attack.group}: {attack.attack.what}"
            text = f"{what}. {reason(request, attack.decision)}"
            yield Found("attack-allowed", text, self._of_decision(request, attack.decision), what)
        yield from self._unmeant(verdict.matrix.unintended, "request-unmeant", "requests that no hop means")
        if verdict.minimality is not None:
            for removal in verdict.minimality.unneeded:
                place = self._places.document(removal.ref, removal.sid)
                yield Found("part-unneeded", f"Needed by nothing: {removal}", place, str(removal))
        for one in verdict.contradictions:
            yield Found("right-void", f"{one.where}: {one.why}", self._titled(one.where), one.where)
        for words in verdict.proof.unproven:
            yield Found("nothing-proven", words, self._places.member("project"), words)
        if not verdict.failed_hops:
            for hop in verdict.matrix.unexercised:
                text = f"Not shown as allowed: {hop.stage}: {hop.what}: {hop.request.action}"
                yield Found("nothing-proven", text, self._places.member("project"), text)
        for intrusion in verdict.beside:
            yield from self._beside(intrusion)
        if isinstance(verdict, LiveVerdict):
            yield from self._live(verdict)
        for note in verdict.notes:
            path = next((path for words, path in _NOTED.items() if words in note), ("project",))
            yield Found("not-in-map", note, self._places.member(*path), note, note=True)

    def _hops(self) -> Iterator[Found]:
        for proven in self._verdict.failed_hops:
            request, hop = proven.hop.request, proven.hop
            who, what = self._words.who(request.principal), self._words.resource(request.resource)
            remedies = list(self._remedies.of(request, proven.decision))
            mends = "".join(
                f" {remedy.change.value}: {remedy.statement.get('Sid')} in the {remedy.ref.title}."
                for remedy in remedies
            )
            text = (
                f"Hop {proven.number}, {hop.stage}: {hop.what}: {who} asks for {request.action} on {what}. "
                f"{reason(request, proven.decision)}.{mends}"
            )
            place = (
                self._places.document(remedies[0].ref, remedies[0].statement.get("Sid"))
                if remedies
                else self._of_decision(request, proven.decision)
            )
            yield Found("hop-denied", text, place, f"{hop.stage}: {hop.what}: {request.action} {request.resource}")

    def _unmeant(self, cells: Sequence[Cell], rule: str, words: str) -> Iterator[Found]:
        """One for each statement, with what it allows."""
        groups: dict[tuple[StatementRef, ...], list[Cell]] = {}
        for cell in cells:
            groups.setdefault(cell.decision.statements, []).append(cell)
        for statements, alike in groups.items():
            first = alike[0]
            by = " and ".join(map(str, statements)) or first.decision.reason
            actions = ", ".join(dict.fromkeys(cell.request.action for cell in alike))
            text = f"{len(alike)} {words}, by {by}: {actions}"
            yield Found(rule, text, self._of_decision(first.request, first.decision), by)

    def _beside(self, found: Intrusion) -> Iterator[Found]:
        between = f"{found.intruder} on {found.victim}"
        for attack in found.successful:
            text = f"{between}: {attack.attack.what}"
            yield Found("neighbour-reaches", text, self._places.member("project"), text)
        yield from self._unmeant(found.unintended, "neighbour-reaches", f"requests of {between}")

    def _live(self, verdict: LiveVerdict) -> Iterator[Found]:
        for arn in verdict.live.absent:
            account = Arn.parse(arn).account or verdict.world.names.shared
            yield Found("missing", f"Does not exist: {arn}", self._places.account(account), arn)
        for title in verdict.live.unreadable:
            yield Found("unreadable", f"Could not be read: {title}", self._titled(title), title)
        for stale in verdict.stale:
            text = f"{stale.title} › {stale.sid}: {stale.id} was deleted; it names nobody any more"
            yield Found("principal-deleted", text, self._titled(stale.title, stale.sid), f"{stale.title} {stale.sid}")
        for difference in verdict.differences:
            if difference.widens:
                changes = "; ".join(map(str, difference.changes))
                text = f"{difference.title} may permit more than the map's; bootstrap would change: {changes}"
                yield Found("document-widened", text, self._titled(difference.title), difference.title)

    def _titled(self, title: str, sid: str | None = None) -> Place:
        """By a document's title, or by what begins with one: ``title › Sid``."""
        for known, ref in self._titles.items():
            if title == known:
                return self._places.document(ref, sid)
            if title.startswith(prefix := f"{known} › "):
                return self._places.document(ref, title.removeprefix(prefix))
        return self._places.member("project")

    def _of_decision(self, request: Request, decision: Decision) -> Place:
        """The first deciding statement; without one, what the request's own documents are."""
        for statement in decision.statements:
            limit = self._places.limit(statement.document, statement.sid) if _limits(statement) else None
            if limit is not None:
                return limit
            ref = self._verdict.world.policies.holding(statement, request)
            if ref is not None:
                return self._places.document(ref, statement.sid)
            if statement.document.startswith("operator/"):
                policy = statement.document.removeprefix("operator/")
                return self._places.operators(request.principal.account, policy, statement.sid)
        ref = self._closest(request, self._verdict.world.policies.entries)
        return self._places.account(request.resource_account) if ref is None else self._places.document(ref)

    @staticmethod
    def _closest(request: Request, refs: Iterable[DocumentRef]) -> DocumentRef | None:
        return next((ref for ref in refs if ref.speaks_on(request)), None)


def _limits(statement: StatementRef) -> bool:
    return statement.layer in {Layer.SERVICE_CONTROL, Layer.RESOURCE_CONTROL}
