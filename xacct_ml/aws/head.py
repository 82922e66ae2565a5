"""S3's answers to HEAD have no body, so its 400 and 403 say no reason (S3 API reference, HeadObject) [D]. A call that
needs the same right and is answered with one is made for it."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

_WITHOUT_REASON = frozenset({"400", "403"})
_SPEAKING: dict[str, tuple[str, dict[str, Any]]] = {
    "HeadBucket": ("list_objects_v2", {"MaxKeys": 1}),
    "HeadObject": ("get_object", {"Range": "bytes=0-0"}),
}
"""HeadBucket needs s3:ListBucket as ListObjectsV2 does, HeadObject s3:GetObject as GetObject does (S3 User Guide,
using-with-s3-policy-actions) [D]."""
_PARAMETERS = "xacct-ml:parameters"


def give_reasons(client: Any) -> None:
    """Put a reason into the errors of an S3 client's HEAD calls; others' clients stay as they are."""

    def remember(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context[_PARAMETERS] = dict(params)

    def ask_again(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if parsed.get("Error", {}).get("Code") not in _WITHOUT_REASON:
            return
        call, more = _SPEAKING[model.name]
        try:
            getattr(client, call)(**context[_PARAMETERS], **more)
        except ClientError as error:
            parsed["Error"] = dict(error.response["Error"])
        except BotoCoreError:
            return  # what HEAD said is all that there is

    if client.meta.service_model.service_name == "s3":
        for operation in _SPEAKING:
            client.meta.events.register(f"before-parameter-build.s3.{operation}", remember)
            client.meta.events.register(f"after-call.s3.{operation}", ask_again)
