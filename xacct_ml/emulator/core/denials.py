"""Refusals in AWS's codes and words, and in the shape of each protocol.

Codes: IAM "Common errors" and each service's error reference [D]. Words: IAM user guide, "Troubleshoot access denied
error messages" [D]; S3 "Troubleshoot access denied errors": the detailed text for requests within one account, else the
plain "Access Denied" [D]."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from xacct_ml.access.model import Decision, Layer, Outcome, Principal
from xacct_ml.emulator.core.calls import AuthorizationRequest

_LAYERS = {
    Layer.IDENTITY: "identity-based policy",
    Layer.BOUNDARY: "permissions boundary",
    Layer.SESSION: "session policy",
    Layer.RESOURCE: "resource-based policy",
}
_JSON_TYPES = {"json": "application/x-amz-json-1.1", "rest-json": "application/json"}


@dataclass(frozen=True, slots=True)
class WireProtocol:
    """A service's boto3 name and the protocol of the request, which decide the shape of an error."""

    service: str
    protocol: str

    @property
    def json(self) -> bool:
        return self.protocol in _JSON_TYPES

    @property
    def s3(self) -> bool:
        return self.service == "s3"


class ServiceError(Exception):
    """A request that is answered with an error instead of being served. ``headers`` are added to the answer's."""

    def __init__(self, code: str, message: str, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.headers = dict(headers or {})


def unknown_key(style: WireProtocol) -> ServiceError:
    if style.s3:
        return ServiceError(
            "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403
        )
    text = "The security token included in the request is invalid."
    if style.json:
        return ServiceError("UnrecognizedClientException", text, 400 if style.protocol == "json" else 403)
    return ServiceError("InvalidClientTokenId", text, 403)


def expired_token(style: WireProtocol) -> ServiceError:
    """As in boto/botocore#1400, ibi-group/datatools-ui#10 (S3) and cfn-sphere/cfn-sphere#55 (IAM) [C]."""
    if style.s3:
        return ServiceError("ExpiredToken", "The provided token has expired.", 400)
    text = "The security token included in the request is expired"
    if style.json:
        return ServiceError("ExpiredTokenException", text, 400 if style.protocol == "json" else 403)
    return ServiceError("ExpiredToken", text, 403)


def invalid_token(style: WireProtocol, token: str | None) -> ServiceError:
    """A temporary key with a session token that is not its own, or without one, which to S3 is a key that it does not
    know: redbubble/yak#51 [C]."""
    if style.s3 and token:
        return ServiceError("InvalidToken", "The provided token is malformed or otherwise invalid.", 400)
    return unknown_key(style)


def wrong_signature(style: WireProtocol) -> ServiceError:
    """S3's text as in s3tools/s3cmd#1053, the others' as in aws/aws-sdk-js#86 [C]."""
    text = "The request signature we calculated does not match the signature you provided. "
    if style.s3:
        return ServiceError("SignatureDoesNotMatch", f"{text}Check your key and signing method.", 403)
    text += "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
    return _signature_error(style, text)


def unsigned_headers(style: WireProtocol) -> ServiceError:
    """Headers that must be signed are not: S3's answer as in soto-project/soto#374 and brendanhay/amazonka#272 [C]; the
    others' is assumed [U]."""
    if style.s3:
        text = "There were headers present in the request which were not signed"
        return ServiceError("AccessDenied", text, 403)
    return wrong_signature(style)


def wrong_time(style: WireProtocol, signed: datetime, now: datetime, allowed: timedelta) -> ServiceError:
    """A request signed too long ago, or in the future: as in aws/aws-cli#6676 and aws/aws-sdk-go#2194 [C]."""
    if style.s3:
        text = "The difference between the request time and the current time is too large."
        return ServiceError("RequestTimeTooSkewed", text, 403)
    at, here, minutes = _stamp(signed), _stamp(now), allowed // timedelta(minutes=1)
    if signed < now:
        text = f"Signature expired: {at} is now earlier than {_stamp(now - allowed)} ({here} - {minutes} min.)"
    else:
        text = f"Signature not yet current: {at} is still later than {_stamp(now + allowed)} ({here} + {minutes} min.)"
    return _signature_error(style, text)


def _signature_error(style: WireProtocol, text: str) -> ServiceError:
    if style.json:
        return ServiceError("InvalidSignatureException", text, 400 if style.protocol == "json" else 403)
    return ServiceError("SignatureDoesNotMatch", text, 403)


def _stamp(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}"


def unsigned(style: WireProtocol) -> ServiceError:
    """As in brefphp/bref#1250 (Lambda) and cert-manager/aws-privateca-issuer#40 (STS) [C]."""
    if style.json:
        status = 400 if style.protocol == "json" else 403
        return ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token", status)
    return ServiceError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)


def unparsable(style: WireProtocol) -> ServiceError:
    """A body that is not of the protocol's form: S3 API reference, "Error responses", and IAM's "Common errors" [D];
    of JSON as in aws/aws-sdk-php#1510 and pplu/aws-sdk-perl#237 [C]."""
    if style.s3:
        text = "The XML you provided was not well-formed or did not validate against our published schema"
        return ServiceError("MalformedXML", text, 400)
    if style.json:
        return ServiceError("SerializationException", "", 400)
    return ServiceError("MalformedQueryString", "The query string contains a syntax error.", 404)


def access_denied(
    style: WireProtocol, principal: Principal, asked: AuthorizationRequest, decision: Decision
) -> ServiceError:
    message = explain(principal, asked, decision)
    if style.s3 and principal.account != asked.account:
        message = "Access Denied"
    if style.json:
        return ServiceError("AccessDeniedException", message, 400 if style.protocol == "json" else 403)
    return ServiceError("AccessDenied", message, 403)


def explain(principal: Principal, asked: AuthorizationRequest, decision: Decision) -> str:
    """AWS's sentence for a denial.

    AWS says nothing about policies where ``sts:AssumeRole`` is denied. An undetermined decision has no wording on AWS:
    here the reason is added, since it is a limit of the evaluator or an unusual policy."""
    quoted = f'"{asked.resource}"' if asked.action.startswith("s3:") else asked.resource
    text = f"User: {principal.arn} is not authorized to perform: {asked.action}"
    if not asked.action.startswith("s3:") or asked.resource != "*":
        text += f" on resource: {quoted}"
    if decision.outcome is Outcome.UNDETERMINED:
        return f"{text} ({decision.reason})"
    if asked.action.startswith("sts:AssumeRole"):
        return text
    if decision.statements:
        layer = _LAYERS[decision.statements[0].layer]
        article = "an" if layer[0] in "aeiou" else "a"
        return f"{text} with an explicit deny in {article} {layer}"
    layer = _LAYERS[_blamed(principal, asked, decision.missing)]
    return f"{text} because no {layer} allows the {asked.action} action"


def _blamed(principal: Principal, asked: AuthorizationRequest, missing: tuple[Layer, ...]) -> Layer:
    """Which missing allow AWS names where there are several: the resource's across accounts, else the identity's."""
    across = principal.account != asked.account
    order = (Layer.RESOURCE, Layer.IDENTITY) if across else (Layer.IDENTITY, Layer.RESOURCE)
    return next((layer for layer in (*order, Layer.BOUNDARY, Layer.SESSION) if layer in missing), Layer.IDENTITY)


def render(refused: ServiceError, style: WireProtocol, request_id: str, method: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of the error response. A HEAD has no body; its code is only the status, as on AWS."""
    headers = {"x-amzn-RequestId": request_id, "x-amz-request-id": request_id, **refused.headers}
    if style.json:
        body = json.dumps({"__type": refused.code, "message": refused.message})
        headers |= {"Content-Type": _JSON_TYPES[style.protocol], "x-amzn-ErrorType": refused.code}
    else:
        code, message = escape(refused.code), escape(refused.message)
        if style.s3:
            body = (
                f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>'
                f"<RequestId>{request_id}</RequestId><HostId>{request_id}</HostId></Error>"
            )
        else:
            body = (
                f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
                f"<RequestId>{request_id}</RequestId></ErrorResponse>"
            )
        headers["Content-Type"] = "application/xml" if style.s3 else "text/xml"
    return (b"" if method == "HEAD" else body.encode()), headers
