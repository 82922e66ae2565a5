"""The documents that the linters read: those that ``xacct-ml render`` writes for some maps.

Besides each file, all policies of one principal are written as one document: a right is the union of a principal's
policies, and two harmless halves in two files may make a whole that is not (PassRole here, CreateStack there)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from xacct_ml.operations.render import DocumentFile, write
from xacct_ml.system.names import Names
from xacct_ml.validation import load

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "config.example.yaml"
DOCUMENTED = HERE.parent / "docs" / "maps"
PLANTED = "planted"
IDENTITY_KINDS = ("role policy", "operator policy")


@dataclass(frozen=True, slots=True)
class Document:
    """One file to read. ``name`` says the account by its part (shared, source, training, production) and no region, so
    that it is the same for every map; ``whole`` marks a principal's policies in one."""

    map: str
    kind: str
    name: str
    path: Path
    whole: bool = False


def rendered(directory: Path) -> list[Document]:
    """Everything, under ``directory``: the example map, those of the documentation and in ``maps/``, and what is
    planted."""
    maps = [EXAMPLE, *sorted(DOCUMENTED.glob("*.yaml")), *sorted((HERE / "maps").glob("*.yaml"))]
    return [*(document for path in maps for document in _of_map(path, directory / path.stem)), *planted()]


def planted() -> list[Document]:
    """The documents with weaknesses: ``planted/<kind>.json`` or ``.yaml``, hyphens for the kind's spaces."""
    return [
        Document(PLANTED, path.stem.replace("-", " "), path.name, path) for path in sorted((HERE / PLANTED).iterdir())
    ]


def _of_map(path: Path, directory: Path) -> Iterator[Document]:
    config = load(path)
    names = Names(config)
    parts = {names.shared: "shared", names.training: "training"}
    if names.source_account is not None:
        parts[names.source_account] = "source"

    def anywhere(name: str) -> str:
        """A folder's or a role's name without the region that it is for."""
        for region in names.other_regions:
            name = name.replace(f"/{region}/", "/").replace(f"-{region}", "")
        return name

    files = write(config, directory)
    for file in files:
        part = parts.get(file.account, "production")
        name = anywhere(f"{part}/{file.path.partition('/')[2]}")
        kind = "template" if name.endswith("/repository/template.yaml") else file.kind
        yield Document(path.stem, kind, name, directory / file.path)
    for folder, policies in _principals(files):
        account, _, rest = folder.partition("/")
        whole = directory / f"{account}-{rest.replace('/', '-')}.json"
        whole.write_text(json.dumps(_together(policies)))
        name = anywhere(f"{parts.get(account, 'production')}/{rest}")
        yield Document(path.stem, policies[0].kind, name, whole, whole=True)


def _principals(files: Iterable[DocumentFile]) -> Iterator[tuple[str, list[DocumentFile]]]:
    """The identity policies by folder: one of a role, one of an operator."""
    folders: dict[str, list[DocumentFile]] = {}
    for file in files:
        if file.kind in IDENTITY_KINDS:
            folders.setdefault(file.path.rpartition("/")[0], []).append(file)
    return ((folder, policies) for folder, policies in folders.items() if len(policies) > 1)


def _together(policies: Iterable[DocumentFile]) -> dict[str, object]:
    """One document of all statements; a Sid is unique only in its own policy and gets that one's number."""
    statements = [
        {**statement, "Sid": f"{statement['Sid']}{number}"}
        for number, policy in enumerate(policies)
        for statement in json.loads(policy.content)["Statement"]
    ]
    return {"Version": "2012-10-17", "Statement": statements}
