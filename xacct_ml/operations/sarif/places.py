"""Where a finding is shown: the map's line where its cause is a member of the map, else the rendered document's."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.problem import Problem, Step
from xacct_ml.config.yaml_source import read
from xacct_ml.operations.render import DocumentFile, documents
from xacct_ml.operations.sarif.log import Place
from xacct_ml.proof.policies import DocumentKind, DocumentRef
from xacct_ml.proof.world import World

RENDERED = Path("rendered")
"""Where the documents lie in a repository that has them: ``xacct-ml render --out rendered``."""
_KINDS = {
    DocumentKind.IDENTITY: "role policy",
    DocumentKind.TRUST: "trust policy",
    DocumentKind.KEY: "key policy",
    DocumentKind.BUCKET: "bucket policy",
    DocumentKind.BUS: "event bus policy",
}


class Places:
    """Of one map, in ``file``; ``limits`` are the organization's policies by name."""

    def __init__(self, file: Path, world: World, limits: Mapping[str, Path]) -> None:
        self._file = file
        self._source = read(file)
        self._limits = limits
        self._files = documents(world.config)
        self._accounts: dict[str, tuple[Step, ...]] = {}
        targets = 0
        for name, account in named_accounts(world.config):
            single = name in {"shared", "source", "training"}
            path: tuple[Step, ...] = ("accounts", name) if single else ("accounts", "production", targets)
            targets += not single
            self._accounts.setdefault(account.id, path)

    def member(self, *path: Step) -> Place:
        """A member of the map, or the nearest thing around it that the file has."""
        line, column = self._source.position(Problem(path, "", at_key=True))
        return Place(self._file, line, column)

    def account(self, account: str) -> Place:
        return self.member(*self._accounts.get(account, ("accounts",)))

    def document(self, ref: DocumentRef, sid: str | None = None) -> Place:
        """A statement's line, or the document's first; the account's in the map for what is not rendered."""
        name = ref.owner.rsplit("/", 1)[-1]
        wanted = f"{name}/{ref.policy}" if ref.kind is DocumentKind.IDENTITY else name
        for file in self._files:
            folder = f"{ref.account}/{ref.region}/" if ref.region else f"{ref.account}/"
            fits = not ref.of_role or file.name == wanted
            if file.kind == _KINDS[ref.kind] and file.path.startswith(folder) and fits:
                return _statement(file, sid)
        return self.account(ref.account)

    def operators(self, account: str, policy: str, sid: str | None) -> Place:
        for file in self._files:
            if file.kind == "operator policy" and (file.account, file.name) == (account, policy):
                return _statement(file, sid)
        return self.account(account)

    def limit(self, policy: str, sid: str) -> Place | None:
        """A statement of an organization's policy; None where it is none of them."""
        path = self._limits.get(policy)
        return None if path is None else Place(path, _line(path.read_bytes(), sid))


def _statement(file: DocumentFile, sid: str | None) -> Place:
    return Place(RENDERED / file.path, 1 if sid is None else _line(file.content, sid))


def _line(content: bytes, sid: str) -> int:
    text = content.decode("utf-8", "replace")
    found = re.search(rf'"Sid"\s*:\s*{re.escape(json.dumps(sid, ensure_ascii=False))}', text)
    return 1 if found is None else text.count("\n", 0, found.start()) + 1
