"""What KMS refuses because of the key that a call names, whoever asks: it is not there, or for another use.

Codes and words: answers of AWS recorded in LocalStack's tests (tests/emulator/recorded/kms.yaml [C])."""

from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.services.kms import moto_state as kms_state

_NAMING = ("KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId")
_MANAGED = "alias/aws/"

_ENCRYPT, _SIGN, _MAC = "ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"
_USAGE = {
    "Decrypt": _ENCRYPT,
    "DeriveSharedSecret": "KEY_AGREEMENT",
    "Encrypt": _ENCRYPT,
    "GenerateDataKey": _ENCRYPT,
    "GenerateDataKeyPair": _ENCRYPT,
    "GenerateDataKeyPairWithoutPlaintext": _ENCRYPT,
    "GenerateDataKeyWithoutPlaintext": _ENCRYPT,
    "GenerateMac": _MAC,
    "Sign": _SIGN,
    "Verify": _SIGN,
    "VerifyMac": _MAC,
}


def check(call: ApiCall) -> None:
    """:raises ServiceError: NotFoundException, InvalidKeyUsageException, IncorrectKeyException"""
    for parameter in _NAMING:
        if (named := call.params.get(parameter)) is not None:
            _check_key(call, str(named))
    if call.operation == "CreateKey":
        _check_new(call)


def _check_key(call: ApiCall, named: str) -> None:
    arn = kms_state.resolve(named, call.account, call.region, call.partition)
    if arn is None:
        alias = named if named.startswith("arn:") else call.arn("kms", named)
        raise ServiceError("NotFoundException", f"Alias {alias} is not found.", 400)
    found = kms_state.key(arn)
    if found is None:
        if _MANAGED in named:
            return
        raise ServiceError("NotFoundException", f"Key '{arn}' does not exist", 400)
    usage = _USAGE.get(call.operation, found.key_usage)
    made_with = kms_state.key_of_ciphertext(call.params["CiphertextBlob"]) if call.operation == "Decrypt" else None
    if call.operation == "Decrypt" and (usage != found.key_usage or made_with not in (None, arn)):
        message = "The key ID in the request does not identify a CMK that can perform this operation."
        raise ServiceError("IncorrectKeyException", message, 400)
    if usage != found.key_usage:
        message = f"{found.arn} key usage is {found.key_usage} which is not valid for {call.operation}."
        raise ServiceError("InvalidKeyUsageException", message, 400)


def _check_new(call: ApiCall) -> None:
    spec = call.params.get("KeySpec") or call.params.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    if spec != "SYMMETRIC_DEFAULT" and call.params.get("KeyUsage") is None:
        message = "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
        raise ServiceError("ValidationException", message, 400)
