"""Which policies of a role are inline ones and which managed ones, by how much IAM takes of each (IAM User Guide,
reference_iam-quotas [D])."""

from collections.abc import Iterator, Mapping, Sequence

from xacct_ml.system.statements import Document, policy
from xacct_ml.validation.document_sizes import INLINE_POLICIES_CHARACTERS, MANAGED_POLICY_CHARACTERS, compact

Policies = Mapping[str, Document]


def divided(policies: Policies, stay_inline: Sequence[str] = ()) -> tuple[Policies, Policies]:
    """``(inline, managed)``: inline as long as all together fit, else the largest become managed ones until the rest
    fits. One that is too large for that is divided between its statements."""
    inline, moved = dict(policies), set()
    for name in sorted(set(policies) - set(stay_inline), key=lambda name: -_size(policies[name])):
        if sum(map(_size, inline.values())) <= INLINE_POLICIES_CHARACTERS:
            break
        del inline[name]
        moved.add(name)
    managed = {part: document for name in policies if name in moved for part, document in _parts(name, policies[name])}
    return inline, managed


def _size(document: Document) -> int:
    return len(compact(document))


def _parts(name: str, document: Document) -> Iterator[tuple[str, Document]]:
    """As few as fit, in the statements' order: ``name``, ``name-2``, …"""
    parts: list[list[Document]] = [[]]
    for statement in _fitting(document["Statement"]):
        if parts[-1] and _size(policy(*parts[-1], statement)) > MANAGED_POLICY_CHARACTERS:
            parts.append([])
        parts[-1].append(statement)
    for number, statements in enumerate(parts, 1):
        yield (name if number == 1 else f"{name}-{number}"), policy(*statements)


def _fitting(statements: Sequence[Document]) -> Iterator[Document]:
    """A statement that alone is too large becomes two with half of its resources each, and so on; their Sids get
    numbers, since a Sid is unique in its policy."""
    for statement in statements:
        resources = statement.get("Resource")
        if _size(policy(statement)) <= MANAGED_POLICY_CHARACTERS or not isinstance(resources, list):
            yield statement
            continue
        half, sid = -(-len(resources) // 2), statement["Sid"]
        for number, some in ((1, resources[:half]), (2, resources[half:])):
            yield from _fitting([{**statement, "Sid": f"{sid}{number}", "Resource": some}])
