"""KMS's answers with the members that moto leaves out.

Source: answers of AWS, tests/emulator/recorded/kms.yaml [C]."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from moto.kms.models import Key
from moto.kms.responses import KmsResponse

_SYMMETRIC = "SYMMETRIC_DEFAULT"


def _with_material(describe: Callable[..., Any]) -> Callable[..., Any]:
    """Which material encrypts now; a symmetric key of KMS has one from its creation."""

    def to_dict(self: Any) -> dict[str, Any]:
        answer: dict[str, Any] = describe(self)
        metadata = answer["KeyMetadata"]
        metadata["MultiRegion"] = bool(metadata.get("MultiRegion"))
        if self.origin == "AWS_KMS" and self.key_spec == _SYMMETRIC:
            metadata["CurrentKeyMaterialId"] = _material(self.id)
        return answer

    return to_dict


def _with_algorithm(serve: Callable[..., Any], *members: str) -> Callable[..., Any]:
    def answer(self: Any) -> str:
        found = json.loads(serve(self))
        asked = self._get_param("EncryptionAlgorithm") or _SYMMETRIC
        return json.dumps({**dict.fromkeys(members, asked), **found})

    return answer


def _with_decrypting_material(serve: Callable[..., Any]) -> Callable[..., Any]:
    def answer(self: Any) -> str:
        found = json.loads(serve(self))
        if found["EncryptionAlgorithm"] == _SYMMETRIC:
            found["KeyMaterialId"] = _material(found["KeyId"].rsplit("/", 1)[-1])
        return json.dumps(found)

    return answer


def _material(key_id: str) -> str:
    return hashlib.sha256(key_id.encode()).hexdigest()


def _with_name(self: Any) -> str:
    return json.dumps({**json.loads(_moto_get_key_policy(self)), "PolicyName": "default"})


def _with_dates(self: Any) -> str:
    """moto does not keep when an alias was made; here it is as old as its key."""
    answer = json.loads(_moto_list_aliases(self))
    for alias in answer["Aliases"]:
        made = self.kms_backend.keys.get(alias["TargetKeyId"])
        if made is not None:
            alias |= dict.fromkeys(("CreationDate", "LastUpdatedDate"), made.creation_date)
    return json.dumps(answer)


_moto_get_key_policy: Any = KmsResponse.get_key_policy
_moto_list_aliases: Any = KmsResponse.list_aliases


def install() -> None:
    KmsResponse.get_key_policy = _with_name
    KmsResponse.list_aliases = _with_dates
    Key.to_dict = _with_material(Key.to_dict)
    KmsResponse.encrypt = _with_algorithm(KmsResponse.encrypt, "EncryptionAlgorithm")
    KmsResponse.decrypt = _with_decrypting_material(_with_algorithm(KmsResponse.decrypt, "EncryptionAlgorithm"))
    KmsResponse.re_encrypt = _with_algorithm(
        KmsResponse.re_encrypt, "SourceEncryptionAlgorithm", "DestinationEncryptionAlgorithm"
    )
