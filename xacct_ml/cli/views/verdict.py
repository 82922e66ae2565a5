"""A verdict as lines for a person."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence

from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.explanation import boundary_lines, remedy_lines, request_lines
from xacct_ml.cli.views.hops import LEGEND, MARKS, WIDTH, HopLines, Item, grouped
from xacct_ml.config.model import Config
from xacct_ml.operations.verify_live import LiveVerdict
from xacct_ml.proof.isolation import Intrusion
from xacct_ml.proof.matrix.matrix import Cell, Matrix
from xacct_ml.proof.minimality.minimality import Minimality
from xacct_ml.proof.prove import ProvenHop
from xacct_ml.proof.reach.further import Further
from xacct_ml.proof.remediation.remedies import Remedy
from xacct_ml.proof.requests.hop import Evidence
from xacct_ml.proof.verify import Verdict
from xacct_ml.proof.words import reason

HELD = "the map (rights; plan compares gate and hyperparameters)"
"""The map only seeds the repository's: without credentials nobody can tell what runs take."""
HELD_LIVE = "the accounts"
_INDENT = " " * 6
_SHOWN = 10
"""So many of what fails are shown whole without --verbose; the rest is counted."""


class VerdictLines:
    """Prints a verdict: hops, attacks, matrix, minimality, what is assumed, the verdict."""

    def __init__(self, config: Config, verdict: Verdict, terminal: Terminal, *, verbose: bool = False) -> None:
        self._verdict = verdict
        self._terminal = terminal
        self._verbose = verbose
        self._width = min(WIDTH, terminal.width) if terminal.moving else WIDTH
        self._hops = HopLines(config)
        self._remedies = verdict.remedies()
        self._shown: list[tuple[Remedy, int]] = []

    def show(self) -> None:
        verdict = self._verdict
        for stage, proven in grouped(verdict.proof.hops, lambda proven: proven.hop.stage).items():
            self._stage(stage, proven)
        for missing in verdict.proof.unproven:
            self._item("denied", missing)
        self._legend()
        self._attacks()
        self._further(verdict.further)
        self._matrix(verdict.matrix)
        if verdict.minimality is not None:
            self._minimality(verdict.minimality)
        if verdict.contradictions:
            self._heading("Against the Service Authorization Reference")
            for contradiction in verdict.contradictions:
                self._item("denied", f"{contradiction.where}: {contradiction.why}")
        if isinstance(verdict, LiveVerdict):
            self._live(verdict)
        for intrusion in verdict.beside:
            self._beside(intrusion)
        self._close()
        self._summary()

    # -- parts ---------------------------------------------------------------------------------------------------
    def _stage(self, stage: str, proven: Sequence[ProvenHop]) -> None:
        self._heading(f"{stage}: {len(proven)} hops")
        for one in proven:
            self._hop(one)

    def _legend(self) -> None:
        self._lines(LEGEND)
        self._terminal.line()

    def _hop(self, proven: ProvenHop) -> None:
        decision = proven.decision
        row, *further = self._hops.rows(proven, self._width)
        self._item(decision.outcome.value, row)
        for line in further:
            self._terminal.line(f"  {line}")
        if decision.allowed and not self._verbose:
            return
        request = proven.hop.request
        lines = [proven.hop.what, reason(request, decision), *request_lines(request)]
        lines.append(f"source     {proven.hop.source} ({proven.hop.evidence.value})")
        for remedy in self._remedies.of(request, decision):
            lines += self._remedy(remedy, proven.number)
        self._lines([*lines, *boundary_lines(request, decision)])

    def _remedy(self, remedy: Remedy, number: int) -> Iterable[str]:
        """Whole where it comes first: one missing statement may break many hops."""
        for shown, at in self._shown:
            if shown == remedy:
                return [f"the same change as for hop {at}: {remedy.statement.get('Sid')} of the {remedy.ref.title}"]
        self._shown.append((remedy, number))
        return remedy_lines(remedy)

    def _attacks(self) -> None:
        attacks = self._verdict.attacks
        repelled = sum(attack.repelled for attack in attacks)
        further = self._verdict.further
        tried = {one.attack.group for one in attacks} & further.tried.keys()
        again = sum(one.repelled for one in attacks if one.attack.group in tried)
        kept = again - sum(further.possible_of(group) for group in tried)
        self._heading(
            f"Attacks: {repelled:,} of {len(attacks):,} denied"
            + (f" at once, {kept:,} of {again:,} with everything in reach" if further.total else "")
        )
        total = Counter(attack.attack.group for attack in attacks)
        denied = Counter(attack.attack.group for attack in attacks if attack.repelled)
        for group, count in total.items():
            outcome = "allowed" if denied[group] == count else "denied"  # the mark says whether it is as it must be
            possible = further.possible_of(group)
            more = f"; {possible} possible {self._by(group)}" if possible else ""
            self._item(outcome, f"{denied[group]:>5} of {count:>5}  {group}{more}")
        for attack in self._some(self._verdict.successful_attacks):
            request = attack.attack.request
            self._item("denied", f"{attack.attack.group}: {attack.attack.what}")
            self._lines([reason(request, attack.decision), *(request_lines(request) if self._verbose else ())])

    def _by(self, group: str) -> str:
        """Who asks in the end, or whose policy was written first."""
        names, roles, policies = self._verdict.world.names, dict[str, None](), dict[str, None]()
        for one in self._verdict.further.possible:
            if one.attack.group == group and one.path[-1].startswith("writes the policy"):
                policies[one.path[-1].replace("writes", "by")] = None
            elif one.attack.group == group:
                roles[names.job_of(one.by.name) or one.by.name] = None
        return "; ".join([*([f"as {', '.join(roles)}"] if roles else []), *policies])

    def _further(self, found: Further) -> None:
        """What is possible by further calls, whoever attacks; with --verbose, each attack and the calls before it."""
        if not found.total:
            return
        hint = "" if self._verbose or not found.possible else "; --verbose names them"
        self._heading(
            f"One call further: with everything in reach, {len(found.possible)} of {found.total:,} attacks stay "
            f"possible{hint}"
        )
        for group, possible in grouped(found.possible, lambda one: one.attack.group).items():
            if self._verbose:
                self._folded(f"{len(possible)} of {found.tried[group]}  {group}")
                for way, alike in grouped(possible, lambda one: ", then ".join(one.path) or "at once").items():
                    self._folded(f"{way}:", indent=_INDENT + "  ")
                    self._lines(f"    {one.attack.what}" for one in alike)
        if not self._verbose:
            at_once = {one.attack.group for one in self._verdict.attacks}
            others = Counter(_kind(one.attack.group) for one in found.possible if one.attack.group not in at_once)
            beside = "; ".join(f"{count} by {kind}" for kind, count in others.items())
            self._lines([f"beside those above: {beside}"] if beside else [])

    def _matrix(self, matrix: Matrix) -> None:
        wider = [cell for cell in matrix.allowed if cell.hop is None]
        self._heading(
            f"Whole matrix: {matrix.requests:,} requests, {len(matrix.allowed) + len(matrix.unintended)} allowed"
        )
        meant = len(matrix.allowed) - len(wider)
        outcome = "allowed" if matrix.holds else "denied"
        self._item(
            outcome,
            f"{meant} are meant by a hop, {len(wider)} are wider as AWS documents it, "
            f"{len(matrix.unintended)} are not meant",
        )
        if self._verbose:
            self._lines(_cell(cell) for cell in matrix.allowed)
        self._wider(wider)
        self._unintended(matrix.unintended, "requests that no hop means")
        if not self._verdict.failed_hops:
            for hop in matrix.unexercised:
                self._item("denied", f"not shown as allowed: {hop.stage}: {hop.what}: {hop.request.action}")

    def _minimality(self, found: Minimality) -> None:
        self._heading(f"Minimality: {found.checked} parts of the documents, each taken out in turn")
        outcome = "allowed" if found.holds else "denied"
        self._item(
            outcome,
            f"{len(found.needed)} needed, {len(found.justified)} justified, {len(found.unneeded)} needed by nothing",
        )
        for removal in found.unneeded:
            self._item("denied", f"needed by nothing: {removal}")
        for why, parts in grouped(found.justified, lambda part: part.why).items():
            for justified in parts:
                self._folded(str(justified.removal))
            self._folded(f"because {why}", indent=_INDENT + "  ")

    def _beside(self, found: Intrusion) -> None:
        denied = len(found.attacks) - len(found.successful)
        self._heading(f"{found.intruder} beside {found.victim}, in the same accounts")
        self._item("denied" if found.successful else "allowed", f"{denied:,} of {len(found.attacks):,} attacks denied")
        for attack in self._some(found.successful):
            self._item("denied", attack.attack.what)
            self._lines([reason(attack.attack.request, attack.decision)])
        self._item(
            "denied" if found.unintended else "allowed",
            f"whole matrix: {found.requests:,} requests of {found.intruder}'s roles on what is {found.victim}'s, "
            f"{len(found.unintended)} allowed, {len(found.wider)} more as AWS documents it",
        )
        self._unintended(found.unintended, "requests")
        self._wider(found.wider)
        self._further(found.further)

    def _live(self, verdict: LiveVerdict) -> None:
        live = verdict.live
        self._heading("The accounts against the map")
        for arn in live.absent:
            self._item("denied", f"does not exist: {arn}")
        for what in verdict.missing:
            self._note(f"not found, and nothing is proven of it: {what}")
        for title in live.unreadable:
            self._item("undetermined", f"could not be read: {title}")
        for stale in verdict.stale:
            self._item("denied", f"{stale.title} › {stale.sid}: {stale.id} was deleted; it names nobody any more")
        bounded = sorted({boundary.arn for boundary in live.boundaries.values()})
        for arn in bounded:
            count = sum(boundary.arn == arn for boundary in live.boundaries.values())
            self._note(f"the permissions boundary {arn} is applied to {count} of the roles, and counted in")
        for title, sids in verdict.others.items():
            self._note(f"{title} is adopted: statements of others stay in it, and are counted in: {', '.join(sids)}")
        for difference in verdict.differences:
            more = " and may permit more" if difference.widens else ""
            self._note(f"{difference.title} differs{more}; bootstrap would change:")
            self._lines(str(change) for change in difference.changes)
        if not verdict.differences:
            self._item("allowed", "every document is as the map has it")

    def _summary(self) -> None:
        verdict, terminal = self._verdict, self._terminal
        hops = verdict.proof.hops
        for note in verdict.notes:
            terminal.warn(note)
        assumed = [proven for proven in hops if proven.hop.evidence is Evidence.ASSUMED]
        if assumed:
            terminal.line(f"assumed, neither documented nor seen in public code: {len(assumed)} hops")
            self._lines(f"{proven.number:>3}  {proven.hop.what}" for proven in assumed)
        alone = sum(not self._hops.rehearsed(proven.hop) for proven in hops)
        terminal.line(
            f"{len(hops) - len(verdict.failed_hops)} of {len(hops)} hops are allowed, "
            f"{len(hops) - alone} of them rehearsed in the embedded AWS, {alone} known from their source only"
        )
        if not verdict.failures():
            terminal.line(f"everything holds of {HELD_LIVE if isinstance(verdict, LiveVerdict) else HELD}")

    # -- lines ---------------------------------------------------------------------------------------------------
    def _wider(self, cells: Iterable[Cell]) -> None:
        """What is allowed as AWS documents it, by the reason."""
        for why, alike in grouped(cells, lambda cell: cell.why or "").items():
            self._folded(f"{', '.join(dict.fromkeys(cell.request.action for cell in alike))}: {why}")

    def _unintended(self, cells: Iterable[Cell], what: str) -> None:
        """What is allowed and should not be, by what allows it or leaves it open."""
        for by, alike in grouped(cells, _decided_by).items():
            self._item("denied", f"{len(alike)} {what}, by {by}")
            self._lines(_cell(cell) for cell in self._some(alike))

    def _heading(self, text: str) -> None:
        self._terminal.heading(text)

    def _close(self) -> None:
        """After the last part."""
        self._terminal.line()

    def _note(self, text: str) -> None:
        self._terminal.line(f"  {text}")

    def _item(self, outcome: str, text: str) -> None:
        self._terminal.item(MARKS[outcome], text, width=1)

    def _lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._terminal.line(f"{_INDENT}{line}")

    def _folded(self, text: str, indent: str = _INDENT) -> None:
        for line in textwrap.wrap(
            text, max(self._width - len(indent), 20), break_long_words=False, break_on_hyphens=False
        ):
            self._terminal.line(f"{indent}{line}")

    def _some(self, found: Sequence[Item]) -> Sequence[Item]:
        if self._verbose or len(found) <= _SHOWN:
            return found
        self._terminal.line(f"{_INDENT}the first {_SHOWN} of {len(found)}; --verbose shows all:")
        return found[:_SHOWN]


def _kind(group: str) -> str:
    """Operators of all accounts as one."""
    return "operators" if group.startswith("The operator") else group[:1].lower() + group[1:]


def _cell(cell: Cell) -> str:
    request = cell.request
    return f"{request.principal.role_arn or request.principal.arn}  {request.action}  {cell.resource_class}"


def _decided_by(cell: Cell) -> str:
    return " and ".join(str(ref) for ref in cell.decision.statements) or cell.decision.reason
