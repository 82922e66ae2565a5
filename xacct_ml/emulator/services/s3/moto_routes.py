"""Whether a request is of one operation, and of one that moto serves as such.

What a caller may do is asked of the operation that the request's form is recognised as; moto finds what to serve by
itself, in the query, and serves some forms that it does not know as another operation: a bucket's deletion in place of
its inventory's, an object's upload by a form. Then the rights of one operation would do the other."""

from functools import cache
from urllib.parse import parse_qsl, urlsplit

from moto.core.utils import get_service_model

from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.denials import ServiceError

_SERVED = {
    ("GET", "bucket"): "accelerate acl cors encryption inventory lifecycle list-type location logging notification "
    "object-lock ownershipControls policy policyStatus publicAccessBlock replication tagging uploads versioning "
    "versions website",
    ("PUT", "bucket"): "accelerate acl cors encryption inventory lifecycle logging notification object-lock "
    "ownershipControls policy publicAccessBlock replication tagging versioning website",
    ("POST", "bucket"): "delete",
    ("DELETE", "bucket"): "cors encryption lifecycle ownershipControls policy publicAccessBlock replication tagging "
    "website",
    ("GET", "object"): "acl attributes legal-hold tagging uploadId",
    ("PUT", "object"): "acl legal-hold retention tagging uploadId",
    ("POST", "object"): "restore select select-type uploadId uploads",
    ("DELETE", "object"): "tagging uploadId",
}
"""What moto looks for in the query, by method and by what the path names."""

_ALONE = {
    *("CreateBucket", "DeleteBucket", "HeadBucket", "ListBuckets", "ListObjects"),
    *("CopyObject", "DeleteObject", "GetObject", "HeadObject", "PutObject"),
}
"""Operations that have nothing of it in their form."""


def require_one(call: ApiCall) -> None:
    """:raises NotImplementedError: moto serves no such operation
    :raises ServiceError: the query names more than one; in the words of S3, which versity/versitygw's tests ask of it
        too [C]"""
    selectors, everywhere = _selectors()
    own = selectors.get(call.operation, frozenset())
    if not own and call.operation not in _ALONE:
        raise NotImplementedError(call.operation)
    others = sorted(call.query & everywhere - own)
    if others:
        names = ", ".join(sorted({*others, *(own & call.query)}))
        raise ServiceError("InvalidArgument", f"Conflicting query string parameters: {names}", 400)


@cache
def _selectors() -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """What the query says of each operation that moto serves, and of any."""
    model = get_service_model("s3")
    served, everywhere = {}, set[str]()
    for name in model.operation_names:
        operation = model.operation_model(name)
        uri = urlsplit(operation.http["requestUri"])
        own = {key for key, _ in parse_qsl(uri.query, keep_blank_values=True) if key != "x-id"}
        if operation.input_shape is not None and "UploadId" in operation.input_shape.members:
            own.add("uploadId")
        everywhere |= own
        place = operation.http["method"], "object" if "{Key" in uri.path else "bucket"
        if own and own <= set(_SERVED.get(place, "").split()):
            served[name] = frozenset(own)
    return served, frozenset(everywhere)
