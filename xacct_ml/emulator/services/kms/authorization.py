"""KMS. Sources: Service Authorization Reference, "AWS Key Management Service"; KMS developer guide, "AWS KMS condition
keys" [D]."""

from collections.abc import Mapping
from typing import Any

from xacct_ml.access.model import ContextValue
from xacct_ml.arn import Arn
from xacct_ml.emulator.core.authorization import tag_context, unknown
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.services.kms import moto_state as kms
from xacct_ml.tables.regions import dns_suffix

SERVICE = "kms"
_NO_KEY_ID = "00000000-0000-0000-0000-000000000000"
"""In the ARN of a key that is not made yet."""

_ACCOUNT_WIDE = {
    "CreateKey",
    "ListAliases",
    "ListKeys",
    "GenerateRandom",
    "ListRetirableGrants",
    "DescribeCustomKeyStores",
}


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    match call.operation:
        case "CreateKey":
            return _create_key(call)
        case "CreateAlias" | "DeleteAlias" | "UpdateAlias":
            return _alias(call)
        case "ReEncrypt":
            return _re_encrypt(call)
        case "Decrypt" if "KeyId" not in call.params:
            return _on_key(call, "kms:Decrypt", kms.key_of_ciphertext(call.params.get("CiphertextBlob", b"")), "")
        case "ListAliases" if "KeyId" not in call.params:
            return unknown(call)
        case operation if operation in _ACCOUNT_WIDE:
            return unknown(call)
    named = call.params.get("KeyId")
    if named is None:
        return unknown(call)
    return _on_key(call, f"kms:{call.operation}", _resolve(call, str(named)), str(named))


def use(
    call: ApiCall, action: str, key_arn: str, *, service: str, encryption_context: Mapping[str, str]
) -> AuthorizationRequest:
    """A use of a key by ``service`` (``s3``) on the caller's behalf, as ``kms:ViaService`` and the context show it."""
    keys = key_context(call, key_arn) | _encryption_context(encryption_context)
    region = Arn.parse(key_arn).region
    keys["kms:ViaService"] = f"{service}.{region}.{dns_suffix(region)}"
    return AuthorizationRequest(action, key_arn, Arn.parse(key_arn).account, keys, by=service)


def key_context(call: ApiCall, key_arn: str) -> dict[str, ContextValue]:
    """The keys that every request on a key has."""
    keys: dict[str, ContextValue] = {"kms:CallerAccount": call.account}
    key = kms.key(key_arn)
    if key is None:
        return keys
    keys |= {
        "kms:KeySpec": key.key_spec,
        "kms:KeyUsage": key.key_usage or "ENCRYPT_DECRYPT",
        "kms:KeyOrigin": key.origin,
        "kms:MultiRegion": str(bool(key.multi_region)).lower(),
    }
    if key.aliases:
        keys["kms:ResourceAliases"] = tuple(key.aliases)
    keys |= {f"aws:ResourceTag/{name}": value for name, value in kms.tags(key).items()}
    return keys


def _on_key(call: ApiCall, action: str, key_arn: str | None, named: str) -> tuple[AuthorizationRequest, ...]:
    if key_arn is None:
        if named and (not named.startswith("arn:") or Arn.parse(named).account == call.account):
            # What does not exist in the caller's own account is told so (DescribeKey, API reference); what lies in
            # another account is not even that.
            alias = named if named.startswith("arn:") else call.arn("kms", named)
            raise ServiceError("NotFoundException", f"Alias {alias} is not found.", 400)
        return (AuthorizationRequest(action, "*", call.account, {"kms:CallerAccount": call.account}),)
    keys = key_context(call, key_arn) | _operation_context(call)
    if "alias/" in named:
        keys["kms:RequestAlias"] = "alias/" + named.split("alias/", 1)[1]
    return (AuthorizationRequest(action, key_arn, Arn.parse(key_arn).account, keys),)


def _operation_context(call: ApiCall) -> dict[str, ContextValue]:
    params = call.params
    keys: dict[str, ContextValue] = _encryption_context(params.get("EncryptionContext") or {})
    if call.operation == "CreateGrant":
        keys["kms:GranteePrincipal"] = str(params.get("GranteePrincipal", ""))
        keys["kms:GrantOperations"] = tuple(params.get("Operations") or ())
        keys["kms:GrantIsForAWSResource"] = "false"
        for kind in params.get("Constraints") or {}:
            keys["kms:GrantConstraintType"] = kind
        if "RetiringPrincipal" in params:
            keys["kms:RetiringPrincipal"] = str(params["RetiringPrincipal"])
    if call.operation in ("ListGrants", "RevokeGrant"):
        keys["kms:GrantIsForAWSResource"] = "false"
    if call.operation == "PutKeyPolicy":
        keys["kms:BypassPolicyLockoutSafetyCheck"] = str(bool(params.get("BypassPolicyLockoutSafetyCheck"))).lower()
    if call.operation == "ScheduleKeyDeletion":
        keys["kms:ScheduleKeyDeletionPendingWindowInDays"] = str(params.get("PendingWindowInDays", 30))
    if call.operation == "EnableKeyRotation" and "RotationPeriodInDays" in params:
        keys["kms:RotationPeriodInDays"] = str(params["RotationPeriodInDays"])
    if call.operation == "TagResource":
        keys |= tag_context(params.get("Tags"))
    if call.operation == "UntagResource":
        keys["aws:TagKeys"] = tuple(params.get("TagKeys") or ())
    return keys


def _encryption_context(context: Mapping[str, str]) -> dict[str, ContextValue]:
    if not context:
        return {}
    return {
        **{f"kms:EncryptionContext:{key}": value for key, value in context.items()},
        "kms:EncryptionContextKeys": tuple(context),
    }


def _create_key(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    params = call.params
    keys: dict[str, ContextValue] = {
        "kms:CallerAccount": call.account,
        "kms:KeySpec": str(params.get("KeySpec") or params.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"),
        "kms:KeyUsage": str(params.get("KeyUsage") or "ENCRYPT_DECRYPT"),
        "kms:KeyOrigin": str(params.get("Origin") or "AWS_KMS"),
        "kms:MultiRegion": str(bool(params.get("MultiRegion"))).lower(),
        "kms:BypassPolicyLockoutSafetyCheck": str(bool(params.get("BypassPolicyLockoutSafetyCheck"))).lower(),
        **tag_context(params.get("Tags")),
    }
    tagging = {name: value for name, value in keys.items() if name != "kms:BypassPolicyLockoutSafetyCheck"}
    create = AuthorizationRequest("kms:CreateKey", "*", call.account, keys)
    if not params.get("Tags"):
        return (create,)
    # creating with tags needs kms:TagResource in an identity policy (API_CreateKey, Tags) [D]; the key has no id yet
    return (
        create,
        AuthorizationRequest("kms:TagResource", call.arn("kms", f"key/{_NO_KEY_ID}"), call.account, tagging),
    )


def _alias(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """The action on the alias, and on each key that it leaves or comes to ("Controlling access to aliases") [D]."""
    name = str(call.params.get("AliasName", ""))
    keys_of_alias = [_resolve(call, name)] if call.operation != "CreateAlias" else []
    if "TargetKeyId" in call.params:
        keys_of_alias.append(_resolve(call, str(call.params["TargetKeyId"])))
    action = f"kms:{call.operation}"
    base: dict[str, ContextValue] = {"kms:CallerAccount": call.account}
    key_arns = dict.fromkeys(arn for arn in keys_of_alias if arn is not None)
    return (
        AuthorizationRequest(action, call.arn("kms", name), call.account, base),
        *(AuthorizationRequest(action, arn, Arn.parse(arn).account, key_context(call, arn)) for arn in key_arns),
    )


def _re_encrypt(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    params = call.params
    source: Any = params.get("SourceKeyId")
    from_key = _resolve(call, str(source)) if source else kms.key_of_ciphertext(params.get("CiphertextBlob", b""))
    to_key = _resolve(call, str(params.get("DestinationKeyId", "")))
    same = {"kms:ReEncryptOnSameKey": str(from_key == to_key).lower()}
    requests: list[AuthorizationRequest] = []
    for action, arn, context in (
        ("kms:ReEncryptFrom", from_key, params.get("SourceEncryptionContext")),
        ("kms:ReEncryptTo", to_key, params.get("DestinationEncryptionContext")),
    ):
        if arn is None:
            requests.append(AuthorizationRequest(action, "*", call.account, {"kms:CallerAccount": call.account}))
        else:
            keys = key_context(call, arn) | _encryption_context(context or {}) | same
            requests.append(AuthorizationRequest(action, arn, Arn.parse(arn).account, keys))
    return tuple(requests)


def _resolve(call: ApiCall, named: str) -> str | None:
    return kms.resolve(named, call.account, call.region, call.partition)
