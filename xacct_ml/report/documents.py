"""The documents that decide, each statement with a place of its own that a hop can point at."""

import json
import re
from collections.abc import Iterator, Mapping

from xacct_ml.access.model import Layer, Request, StatementRef
from xacct_ml.proof.policies import statements_of
from xacct_ml.proof.world import World
from xacct_ml.report.markup import text
from xacct_ml.system.statements import Document


class Documents:
    """Those of one world: of roles, keys, buckets and event buses, and the operators' own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._all: dict[str, Document] = {ref.title: document for ref, document in world.policies.entries.items()}
        for account, policies in world.operators.items():
            self._all |= {_operators(account, name): document for name, document in policies.items()}
        self._places = {title: f"document-{place}" for place, title in enumerate(self._all, start=1)}

    def place_of(self, request: Request, statement: StatementRef) -> str | None:
        """Where a deciding statement is shown; None for a policy that is not among the documents."""
        title = self._title_of(request, statement)
        return None if title is None else _anchor(self._places[title], statement.sid)

    def _title_of(self, request: Request, statement: StatementRef) -> str | None:
        if (ref := self._world.policies.holding(statement, request)) is not None:
            return ref.title
        name = statement.document.removeprefix("operator/")
        if statement.layer is Layer.IDENTITY and name != statement.document:
            title = _operators(request.principal.account, name)
            return title if title in self._all else None
        return None

    def markup(self) -> Iterator[str]:
        for title, document in self._all.items():
            place, statements = self._places[title], _by_sid(document)
            yield f'<details class="document" id="{place}"><summary>{text(title)}: {len(statements)}</summary>'
            for sid, statement in statements.items():
                shown = text(json.dumps(statement, indent=2, ensure_ascii=False))
                yield f'<pre id="{_anchor(place, sid)}" tabindex="-1">{shown}</pre>'
            yield "</details>"


def _operators(account: str, name: str) -> str:
    return f"operator's policy '{name}' in {account}"


def _by_sid(document: Document) -> Mapping[str, Document]:
    return {str(one.get("Sid") or f"#{place}"): one for place, one in enumerate(statements_of(document), start=1)}


def _anchor(place: str, sid: str) -> str:
    return f"{place}-{re.sub(r'[^A-Za-z0-9]', '.', sid)}"
