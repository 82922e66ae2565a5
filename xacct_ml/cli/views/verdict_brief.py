"""A verdict on one screen: a line for each part that holds, and what does not hold whole."""

from collections.abc import Iterable

from xacct_ml.cli.views.hops import MARKS
from xacct_ml.cli.views.verdict import VerdictLines
from xacct_ml.proof.prove import ProvenHop
from xacct_ml.proof.reach.further import Further


class BriefLines(VerdictLines):
    """A part's heading waits for its first item that fails; a part without one is its heading, with the mark."""

    _waiting: str | None = None
    _told = False
    """Whether what follows is said of something that fails."""

    def _heading(self, text: str) -> None:
        self._close()
        self._waiting = text

    def _close(self) -> None:
        self._begin("allowed")
        self._told = False

    def _begin(self, outcome: str) -> None:
        if self._waiting is not None:
            self._terminal.item(MARKS[outcome], self._waiting, width=1)
            self._waiting = None

    def _legend(self) -> None:
        self._close()

    def _hop(self, proven: ProvenHop) -> None:
        if not proven.decision.allowed:
            super()._hop(proven)

    def _further(self, found: Further) -> None:
        """Counted with the attacks; no verdict fails by it."""

    def _item(self, outcome: str, text: str) -> None:
        self._told = outcome != "allowed"
        if self._told:
            self._begin(outcome)
            super()._item(outcome, text)

    def _note(self, text: str) -> None:
        self._begin("allowed")
        super()._note(text)
        self._told = True

    def _lines(self, lines: Iterable[str]) -> None:
        if self._told:
            super()._lines(lines)

    def _folded(self, text: str, indent: str = "") -> None:
        """Reasons of what holds."""
