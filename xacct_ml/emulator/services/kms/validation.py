"""What KMS refuses in a request's parameters, whoever asks.

Codes and words: answers of AWS recorded in LocalStack's tests (tests/emulator/recorded/kms.yaml [C])."""

from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.services.kms.moto_state import malformed

_KEY_IDS = ("KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId")
_MAX_TAGS = 50


def check(call: ApiCall) -> None:
    """:raises ServiceError: NotFoundException for what cannot name a key here, TagException, ValidationException"""
    for parameter in _KEY_IDS:
        named = call.params.get(parameter)
        if named is not None and (problem := malformed(str(named), call.region)) is not None:
            raise ServiceError("NotFoundException", problem, 400)
    keys = [str(tag.get("TagKey", "")) for tag in call.params.get("Tags") or ()]
    if any(key.lower().startswith("aws:") for key in keys):
        raise ServiceError("TagException", "Tags beginning with aws: are reserved", 400)
    if len(set(keys)) < len(keys):
        raise ServiceError("TagException", "Duplicate tag keys", 400)
    if len(keys) > _MAX_TAGS:
        raise ServiceError("TagException", "Too many tags", 400)
    if call.operation == "GenerateRandom" and call.params.get("NumberOfBytes") is None:
        raise ServiceError("ValidationException", "NumberOfBytes is required.", 400)
    if call.operation == "CreateAlias" and not str(call.params.get("AliasName", "")).startswith("alias/"):
        raise ServiceError(
            "ValidationException",
            'Alias must start with the prefix "alias/". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
            400,
        )
