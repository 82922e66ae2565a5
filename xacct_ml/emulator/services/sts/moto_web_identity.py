"""AssumeRoleWithWebIdentity: a CI signs in with its provider's token, no AWS credentials.

The token is read, its issuer, audience and time are checked, and the role's trust policy decides with its claims (IAM
user guide, "id_roles_create_for-idp_oidc" and "reference_policies_iam-condition-keys", web identity federation [D]).
Its signature is not: the keys of the provider are not here, so any token counts that says the right things. Words: as
users report them [C]."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult

from xacct_ml.access.evaluate import PolicySet, decide
from xacct_ml.access.model import Principal, Request, ResourcePolicyKind
from xacct_ml.access.policy import Policy
from xacct_ml.arn import account_of
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.core.moto_sessions import DEFAULT_DURATION, mint
from xacct_ml.emulator.services.sts.moto_answers import assumed

_ACTION = "sts:AssumeRoleWithWebIdentity"
_KEYS = ("aud", "sub", "amr", "azp", "oaud")
"""Claims that every provider's tokens give to conditions, behind the provider's name."""


def account(params: Any) -> str | None:
    """Of an unsigned call: that of the role, for the one call that needs no signature."""
    return account_of(str(params["RoleArn"]), "") or None if "WebIdentityToken" in params else None


def assume(_: Any) -> ActionResult:
    call = dispatch.served_call.get()
    claims = _claims(str(call.params["WebIdentityToken"]))
    provider = _provider(call, claims)
    role: Any = principals.role(str(call.params["RoleArn"]))
    if role is None or not _trusts(call, role, provider, claims):
        raise ServiceError("AccessDenied", f"Not authorized to perform {_ACTION}", 403)
    session = mint(
        role.arn,
        str(call.params["RoleSessionName"]),
        region=call.region,
        duration=int(call.params.get("DurationSeconds", DEFAULT_DURATION)),
        policies=(str(call.params["Policy"]),) if call.params.get("Policy") else (),
    )
    more = {"SubjectFromWebIdentityToken": claims["sub"], "Provider": provider.arn, "Audience": _audiences(claims)[0]}
    return assumed(role, session, call.partition, **more)


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidIdentityToken", message, 400)


def _claims(token: str) -> dict[str, Any]:
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        if not isinstance(claims, dict) or not {"iss", "aud", "sub"} <= claims.keys():
            raise ValueError("no claims")
        expires = float(claims.get("exp", "inf"))
    except (ValueError, IndexError) as error:
        message = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        raise _invalid(message) from error
    now = datetime.now(UTC)
    if expires <= now.timestamp():
        until = datetime.fromtimestamp(expires, UTC)
        message = f"Token expired: current date/time {now:%s} must be before the expiration date/time {until:%s}"
        raise ServiceError("ExpiredTokenException", message, 400)
    return claims


def _audiences(claims: dict[str, Any]) -> list[str]:
    given = claims["aud"]
    return [str(each) for each in given] if isinstance(given, list) else [str(given)]


def _provider(call: ApiCall, claims: dict[str, Any]) -> Any:
    issuer = str(claims["iss"])
    known = principals.backend(call.account, call.partition).open_id_providers.values()
    found = next((each for each in known if each.url == issuer.removeprefix("https://").rstrip("/")), None)
    if found is None:
        raise _invalid(f"No OpenIDConnect provider found in your account for {issuer}")
    if not set(_audiences(claims)) & set(found.client_id_list):
        raise _invalid("Incorrect token audience")
    return found


def _trusts(call: ApiCall, role: Any, provider: Any, claims: dict[str, Any]) -> bool:
    """Whether the trust policy names the provider and its conditions hold. The evaluator knows no federated principals:
    here the provider stands as a service would, by its ARN."""
    context: dict[str, str | tuple[str, ...]] = {
        "sts:RoleSessionName": str(call.params["RoleSessionName"]),
        "aws:PrincipalIsAWSService": "false",
        "aws:FederatedProvider": provider.arn,
    }
    for key in _KEYS:
        if key in claims:
            values = _audiences({"aud": claims[key]})
            context[f"{provider.url}:{key}"] = values[0] if len(values) == 1 else tuple(values)
    principal = Principal.service(provider.arn)
    trust = Policy.parse(_as_service(role.assume_role_policy_document, provider.arn), f"trust policy of {role.name}")
    request = Request(principal, _ACTION, role.arn, call.account, context)
    decision = decide(request, PolicySet((), None, None, trust, ResourcePolicyKind.TRUST))
    asked = AuthorizationRequest(_ACTION, role.arn, call.account, context)
    runtime.current().log.add("sts", call.operation, principal, asked, decision, "")
    return decision.allowed


def _as_service(text: str, provider: str) -> str:
    document = json.loads(text)
    statements = document.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal")
        if isinstance(principal, dict) and "Federated" in principal:
            named = principal.pop("Federated")
            if provider in (named if isinstance(named, list) else [named]):
                services = principal.get("Service", [])
                principal["Service"] = [*(services if isinstance(services, list) else [services]), provider]
            if not principal:
                principal["Service"] = ["nobody.invalid"]
    return json.dumps(document)
