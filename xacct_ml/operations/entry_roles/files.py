"""The files of a role: its documents, and what makes it of them."""

import json
from collections.abc import Iterator

from xacct_ml.operations.entry_roles import how_to
from xacct_ml.operations.entry_roles.commands import TRUST_FILE, policy_file
from xacct_ml.operations.entry_roles.role import EntryRole
from xacct_ml.operations.entry_roles.template import template
from xacct_ml.operations.entry_roles.terraform import module


def files(role: EntryRole) -> Iterator[tuple[str, str, bytes]]:
    """``(what it is, file name, content)``, without the folder."""
    for name, document in {**role.policies, **role.managed}.items():
        yield "policy", policy_file(name), _json(document)
    yield "trust policy", TRUST_FILE, _json(role.trust)
    yield "template", how_to.TEMPLATE_FILE, _json(template(role))
    yield "module", how_to.MODULE_FILE, _json(module(role))
    yield "how-to", how_to.PAGE, how_to.page(role).encode()


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"
