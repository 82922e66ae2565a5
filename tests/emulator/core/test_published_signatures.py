"""The signatures that AWS publishes for signers, computed by the verifier's half of the same rules."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from xacct_ml.emulator.core import signature_v4 as v4
from xacct_ml.emulator.core import signatures

PUBLISHED = tomllib.loads(Path(__file__).with_name("published_signatures.toml").read_text(encoding="utf-8"))
SIGNED = PUBLISHED["signed"]
SCOPE = v4.Scope(SIGNED["timestamp"][:8], SIGNED["region"], SIGNED["service"])
CREDENTIAL = f"{SIGNED['access_key_id']}/{SCOPE}"


def headers_of(row: dict[str, Any]) -> list[tuple[str, str]]:
    length = [("Content-Length", str(len(row["body"])))] if "body" in row else []
    return [("Host", SIGNED["host"]), *length, *((name, value) for name, value in row.get("headers", ()))]


def names_of(headers: list[tuple[str, str]]) -> list[str]:
    return sorted({name.lower() for name, _ in headers})


def in_header(row: dict[str, Any]) -> tuple[v4.Target, str]:
    """The request as it comes over the wire, whose text is read as Latin-1, and its signature."""
    headers = [*headers_of(row), ("X-Amz-Date", SIGNED["timestamp"])]
    if row.get("hash_in_header"):
        headers.append(("X-Amz-Content-Sha256", payload(row)))
    if "token" in row:
        headers.append(("X-Amz-Security-Token", row["token"]))
    signature = row["header_signature"]
    names = ";".join(names_of(headers))
    claims = f"AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders={names}, Signature={signature}"
    return target(row, row.get("query", ""), [*headers, ("Authorization", claims)]), signature


def in_query(row: dict[str, Any]) -> tuple[v4.Target, str]:
    signature = row["query_signature"]
    claims = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": CREDENTIAL,
        "X-Amz-Date": SIGNED["timestamp"],
        "X-Amz-SignedHeaders": ";".join(names_of(headers_of(row))),
        "X-Amz-Expires": str(SIGNED["expires"]),
        **({"X-Amz-Security-Token": row["token"]} if "token" in row else {}),
        "X-Amz-Signature": signature,
    }
    query = "&".join(filter(None, [row.get("query", ""), *(f"{k}={quote(v, safe='')}" for k, v in claims.items())]))
    return target(row, query, headers_of(row)), signature


def target(row: dict[str, Any], query: str, headers: list[tuple[str, str]]) -> v4.Target:
    path, query = (text.encode().decode("latin-1") for text in (row["path"], query))
    return v4.Target(row["method"], path, query, tuple(headers))


def payload(row: dict[str, Any]) -> str:
    return hashlib.sha256(row.get("body", "").encode()).hexdigest()


@pytest.mark.parametrize("form", [in_header, in_query])
@pytest.mark.parametrize("row", PUBLISHED["request"], ids=lambda row: row["name"])
def test_a_published_signature(row: dict[str, Any], form: Any) -> None:
    """Paths that are not normalised are S3's here."""
    sent, signature = form(row)
    claims = signatures.signature(sent, "us-east-1")
    assert claims is not None
    assert (claims.value, claims.scope, claims.token) == (signature, SCOPE, row.get("token"))
    service = "service" if row.get("normalized", True) else "s3"
    canonical = v4.canonical_request(sent, claims.signed_headers, payload(row), service)
    key = v4.signing_key(SIGNED["secret_access_key"], SCOPE)
    assert v4.sign(key, v4.string_to_sign(claims.timestamp, SCOPE, canonical)) == signature
