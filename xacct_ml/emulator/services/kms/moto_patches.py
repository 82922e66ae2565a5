"""KMS, repaired.

Repaired: keys of another account by ARN; key states; ARNs where moto takes ids only; the deletion window; the rotation
period; malformed policies, unknown principals and lock-out; the policy of AWS managed keys; the usage of a key that was
made without saying it."""

import json
from collections.abc import Callable
from typing import Any

from moto.core.utils import unix_time
from moto.kms import responses
from moto.kms.models import KmsBackend
from moto.kms.responses import KmsResponse
from moto.kms.utils import RESERVED_ALIASES

from xacct_ml.arn import Arn
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core import moto_validation
from xacct_ml.emulator.core import policy_documents as documents
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.services.kms import existence, moto_answers, validation
from xacct_ml.emulator.services.kms.moto_state import KEY_ARN, forget_principal, key, key_of_ciphertext
from xacct_ml.tables import regions

_ROTATION_PERIOD = "xacct_ml_rotation_period"

_NEEDS_ENABLED = frozenset(
    [
        "Encrypt",
        "Decrypt",
        "ReEncrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateMac",
        "VerifyMac",
        "Sign",
        "Verify",
        "GetPublicKey",
        "CreateGrant",
        "EnableKeyRotation",
        "DisableKeyRotation",
        "RotateKeyOnDemand",
    ]
)
_ALSO_REFUSED_WHILE_PENDING = frozenset(
    [
        "CreateAlias",
        "DisableKey",
        "EnableKey",
        "GetKeyRotationStatus",
        "ScheduleKeyDeletion",
        "TagResource",
        "UntagResource",
        "UpdateAlias",
        "UpdateKeyDescription",
    ]
)
"""KMS developer guide, "Key states of AWS KMS keys", table [D]; the others work in every state."""


# -- before moto serves a call -----------------------------------------------------------------------------------------
def serving_account(call: ApiCall) -> str | None:
    """The account of the key that an allowed call is about; moto looks in the caller's only."""
    for name in ("KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId"):
        found = KEY_ARN.fullmatch(str(call.params.get(name, "")))
        if found is not None:
            return found[2]
    arn = key_of_ciphertext(call.params["CiphertextBlob"]) if "CiphertextBlob" in call.params else None
    return None if arn is None else Arn.parse(arn).account


def check(call: ApiCall, asked: tuple[AuthorizationRequest, ...]) -> None:
    """:raises ServiceError: the key's state or the parameters forbid the call, though the caller has the right"""
    existence.check(call)
    for request in asked:
        found = key(request.resource)
        if found is not None and not (call.operation == "UpdateAlias" and request is not asked[-1]):
            _check_state(call.operation, found)
    window = call.params.get("PendingWindowInDays", 30)
    if call.operation == "ScheduleKeyDeletion" and not 7 <= window <= 30:
        raise ServiceError("ValidationException", "PendingWindowInDays must be between 7 and 30 (inclusive).", 400)
    period = call.params.get("RotationPeriodInDays", 365)
    if call.operation == "EnableKeyRotation" and not 90 <= period <= 2560:
        raise ServiceError("ValidationException", "RotationPeriodInDays must be between 90 and 2560 (inclusive).", 400)
    if call.operation in ("CreateKey", "PutKeyPolicy") and call.params.get("Policy") is not None:
        _check_policy(call, asked)
    if call.params.get("DryRun"):
        message = "The request would have succeeded, but the DryRun option is set."
        raise ServiceError("DryRunOperationException", message, 400)


def _check_state(operation: str, found: Any) -> None:
    pending = found.key_state == "PendingDeletion"
    if pending and (operation in _NEEDS_ENABLED or operation in _ALSO_REFUSED_WHILE_PENDING):
        raise ServiceError("KMSInvalidStateException", f"{found.arn} is pending deletion.", 400)
    if operation == "CancelKeyDeletion" and not pending:
        raise ServiceError("KMSInvalidStateException", f"{found.arn} is not pending deletion.", 400)
    if found.key_state == "Disabled" and operation in _NEEDS_ENABLED:
        raise ServiceError("DisabledException", f"{found.arn} is disabled.", 400)


def _check_policy(call: ApiCall, asked: tuple[AuthorizationRequest, ...]) -> None:
    """KMS API reference, PutKeyPolicy, ``BypassPolicyLockoutSafetyCheck`` [B]."""
    text = str(call.params["Policy"])
    problem = documents.problem(text, documents.KEY)
    if problem is not None:
        raise ServiceError("MalformedPolicyDocumentException", problem, 400)
    if call.params.get("BypassPolicyLockoutSafetyCheck"):
        return
    resource = asked[0].resource if call.operation == "PutKeyPolicy" else call.arn("kms", "key/new")
    if not documents.key_policy_keeps_caller(text, call, resource):
        message = "The new key policy will not allow you to update the key policy in the future."
        raise ServiceError("MalformedPolicyDocumentException", message, 400)


# -- repairs -----------------------------------------------------------------------------------------------------------
def _by_any_id(original: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, key_id: str, *args: Any, **kwargs: Any) -> Any:
        return original(self, self.any_id_to_key_id(key_id), *args, **kwargs)

    return method


def _decided_already(self: Any, key_id: str, action: str) -> None:
    """moto would let one Deny of kms:DescribeKey hit every caller."""


def _managed_key_policy(account: str, region: str, service: str) -> str:
    """Policy of an AWS managed key: everyone in the account, through its service only ("AWS managed keys") [D]."""
    via = {"kms:CallerAccount": account, "kms:ViaService": f"{service}.{region}.{regions.dns_suffix(region)}"}
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"]
    root = f"arn:{regions.partition(region)}:iam::{account}:root"
    metadata = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"]
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Id": f"auto-{service}-2",
            "Statement": [
                {
                    "Sid": f"Allow access through {service} for all principals in the account",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": use,
                    "Resource": "*",
                    "Condition": {"StringEquals": via},
                },
                {
                    "Sid": "Allow direct access to key metadata to the account",
                    "Effect": "Allow",
                    "Principal": {"AWS": root},
                    "Action": metadata,
                    "Resource": "*",
                },
            ],
        }
    )


def install() -> None:
    dispatch.serving_accounts["kms"] = serving_account
    dispatch.checks["kms"] = check
    dispatch.prechecks["kms"] = validation.check
    moto_validation.install("kms", "ValidationException")
    moto_answers.install()
    documents.principal_deleted.append(forget_principal)

    for name in ("enable_key", "disable_key", "cancel_key_deletion", "schedule_key_deletion"):
        setattr(KmsBackend, name, _by_any_id(getattr(KmsBackend, name)))

    make_default = KmsBackend._generate_default_keys

    def generate_default_keys(self: Any, alias_name: str) -> str | None:
        key_id: str | None = make_default(self, alias_name)
        if key_id is not None and alias_name in RESERVED_ALIASES:
            made = self.keys[key_id]
            made.key_manager = "AWS"
            made.policy = _managed_key_policy(self.account_id, self.region_name, alias_name.rsplit("/", 1)[-1])
        return key_id

    KmsBackend._generate_default_keys = generate_default_keys

    make_key = KmsBackend.create_key

    def create_key(self: Any, policy: str | None, key_usage: str | None, *args: Any, **kwargs: Any) -> Any:
        """DescribeKey tells the usage also where CreateKey did not (API_CreateKey, ``KeyUsage``) [D]."""
        return make_key(self, policy, key_usage or "ENCRYPT_DECRYPT", *args, **kwargs)

    KmsBackend.create_key = create_key

    def found(self: Any) -> Any:
        return self.kms_backend.describe_key(self._get_param("KeyId"))

    def schedule_key_deletion(self: Any) -> str:
        days = self._get_param("PendingWindowInDays") or 30
        self._validate_cmk_id(self._get_param("KeyId"))
        date = self.kms_backend.schedule_key_deletion(self._get_param("KeyId"), days)
        answer = {
            "KeyId": found(self).arn,
            "DeletionDate": date,
            "KeyState": "PendingDeletion",
            "PendingWindowInDays": days,
        }
        return json.dumps(answer)

    def cancel_key_deletion(self: Any) -> str:
        self._validate_cmk_id(self._get_param("KeyId"))
        self.kms_backend.cancel_key_deletion(self._get_param("KeyId"))
        return json.dumps({"KeyId": found(self).arn})

    enable_rotation = KmsResponse.enable_key_rotation

    def enable_key_rotation(self: Any) -> str:
        answer: str = enable_rotation(self)
        setattr(found(self), _ROTATION_PERIOD, self._get_param("RotationPeriodInDays") or 365)
        return answer

    def get_key_rotation_status(self: Any) -> str:
        self._validate_cmk_id(self._get_param("KeyId"))
        rotated = found(self)
        answer: dict[str, Any] = {"KeyId": rotated.id, "KeyRotationEnabled": bool(rotated.key_rotation_status)}
        if rotated.key_rotation_status:
            days = getattr(rotated, _ROTATION_PERIOD, 365)
            answer |= {"RotationPeriodInDays": days, "NextRotationDate": unix_time() + days * 86400}
        return json.dumps(answer)

    KmsResponse.schedule_key_deletion = schedule_key_deletion
    KmsResponse.cancel_key_deletion = cancel_key_deletion
    KmsResponse.enable_key_rotation = enable_key_rotation
    KmsResponse.get_key_rotation_status = get_key_rotation_status
    KmsResponse._validate_key_policy = _decided_already

    def assert_default_policy(name: str | None) -> None:
        """moto wants the name; in KMS it may be left out since there is only one [B]."""
        if name not in (None, "default"):
            raise ServiceError("NotFoundException", "No such policy exists", 400)

    responses._assert_default_policy = assert_default_policy
