"""KMS as moto stores it: keys of any account, by ARN, id, alias or ciphertext."""

import re
from typing import Any

from moto.kms.models import KmsBackend, kms_backends

from xacct_ml.access.model import Request, ResourcePolicyKind
from xacct_ml.emulator.core import policy_documents as documents
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.core.policies import FILLED_IN, ResourcePolicy, resource_policies
from xacct_ml.emulator.initial_state import KEY_OF_ALIAS

KEY_ARN = re.compile(r"arn:[\w-]+:kms:([\w-]+):(\d{12}):(?:key/(.+)|(alias/.+))")
"""Region, account, and key id or alias name."""

_KEY_ID = re.compile(r"(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")

_KEY_OF_ALIAS = re.compile(rf":kms:([\w-]+):(\d{{12}}):key/{KEY_OF_ALIAS.format('(alias/[^>]+)')}")
_KEYS_OF_ALIASES: dict[tuple[str, ...], str] = {}


def with_key_ids(text: str) -> str:
    """The id of the key that an alias had first, as an administrator puts it into the policy once: it stays where the
    alias goes."""

    def filled_in(found: re.Match[str]) -> str:
        region, account, alias = found.groups()
        backend = _existing(account, region)
        known = _KEYS_OF_ALIASES.get((region, account, alias))
        if backend is None or known not in backend.keys:
            known = None if backend is None else backend.get_key_id_from_alias(alias)
            if known is None:
                return found[0]
            _KEYS_OF_ALIASES[region, account, alias] = known
        return f":kms:{region}:{account}:key/{known}"

    return _KEY_OF_ALIAS.sub(filled_in, text) if _KEY_OF_ALIAS.search(text) else text


FILLED_IN.append(with_key_ids)


def key(key_arn: str) -> Any | None:
    """The key with this ARN, of whatever account."""
    found = KEY_ARN.fullmatch(key_arn)
    if found is None or found[3] is None:
        return None
    backend = _existing(found[2], found[1])
    return None if backend is None else backend.keys.get(found[3])


def all_keys() -> list[Any]:
    """Every key of every account."""
    backends = [backend for account in list(kms_backends.values()) for backend in list(account.values())]
    return [key for backend in backends for key in list(backend.keys.values())]


def tags(found: Any) -> dict[str, str]:
    backend = _existing(found.account_id, found.region)
    listed = [] if backend is None else backend.tagger.list_tags_for_resource(found.id)["Tags"]
    return {tag["TagKey"]: tag["TagValue"] for tag in listed}


def resolve(named: str, account: str, region: str, partition: str) -> str | None:
    """Key ARN for a key id, an alias name or the ARN of either; ids and names are those of ``account`` in ``region``.

    ``None`` for an alias that does not exist. An id or ARN is not looked up: it is decided even where no such key
    exists. The AWS managed keys (``alias/aws/s3``) come into being when they are first named, as in KMS."""
    found = KEY_ARN.fullmatch(named)
    if found is not None:
        region, account = found[1], found[2]
        if found[3] is not None:
            return named
        named = found[4]
    elif not named.startswith("alias/"):
        return f"arn:{partition}:kms:{region}:{account}:key/{named}"
    backend = kms_backends[account][region]
    key_id = backend.get_key_id_from_alias(named)
    return None if key_id is None else str(backend.keys[key_id].arn)


def key_of_ciphertext(blob: Any) -> str | None:
    """ARN of the key under which moto made the ciphertext: its first 36 bytes are the key's id."""
    key_id = bytes(blob)[:36].decode(errors="replace")
    return next((str(key.arn) for key in all_keys() if key.id == key_id), None)


@resource_policies("kms")
def key_policy(request: Request) -> ResourcePolicy:
    """Aliases, and keys yet to be made, have none: identity policies alone decide."""
    found = key(request.resource)
    return (None, ResourcePolicyKind.NONE) if found is None else (found.policy, ResourcePolicyKind.KEY)


def forget_principal(arn: str, unique_id: str) -> None:
    """Key policies hold on to the id of a principal that was deleted."""
    for each in all_keys():
        if arn in each.policy:
            each.policy = documents.without_principal(each.policy, arn, unique_id)


def malformed(named: str, region: str) -> str | None:
    """Why this can name no key in ``region``, in KMS's words [C]; ``None`` where it can."""
    parts = KEY_ARN.fullmatch(named)
    if parts is not None and parts[1] != region:
        return f"Invalid arn {parts[1]}"
    key_id = named if parts is None else parts[3]
    if key_id is None or key_id.startswith("alias/") or _KEY_ID.fullmatch(key_id):
        return None
    return f"Invalid arn {named}" if named.startswith("arn:") and parts is None else f"Invalid keyId '{key_id}'"


def require_usable_by_s3(key_arn: str, region: str) -> None:
    """:raises ServiceError: as S3 in ``region`` reports a key that is missing, elsewhere or not enabled (S3 API
    reference, error codes [D])"""
    if (problem := malformed(key_arn, region)) is not None:
        raise ServiceError("KMS.NotFoundException", problem, 400)
    found = key(key_arn)
    if found is None:
        raise ServiceError("KMS.NotFoundException", f"Key '{key_arn}' does not exist", 400)
    if found.key_state == "Disabled":
        raise ServiceError("KMS.DisabledException", f"{found.arn} is disabled.", 400)
    if found.key_state != "Enabled":
        raise ServiceError("KMS.KMSInvalidStateException", f"{found.arn} is pending deletion.", 400)


def _existing(account: str, region: str) -> KmsBackend | None:
    if account not in kms_backends:
        return None
    return dict.get(kms_backends[account], region)
