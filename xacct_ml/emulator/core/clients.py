"""boto3 clients to the embedded AWS, made once per credentials, service and region.

A client costs tens of milliseconds, most of it in reading service models, so one botocore session with
one loader serves all. Nothing is looked up: no environment, no profile, no proxy, no instance metadata."""

import os
import threading
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

OWN_USER_AGENT = "xacct-ml-embedded-aws"
"""Marks the embedded AWS's own requests; the harsh mode leaves them alone."""

_lock = threading.Lock()
_clients: dict[tuple[str, str, str, str], Any] = {}

_CONFIG = Config(
    retries={"total_max_attempts": 1, "mode": "standard"},
    s3={"addressing_style": "path"},
    proxies={},
    connect_timeout=5,
    read_timeout=120,
    max_pool_connections=4,
    parameter_validation=True,
    user_agent_extra=OWN_USER_AGENT,
)


@cache
def session() -> Any:
    """The one session. It may not be shared between threads but for reading which regions there are."""
    nothing_configured = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    core = botocore.session.Session(session_vars=nothing_configured)
    return boto3.session.Session(botocore_session=core)


def client(
    service: str, region: str, endpoint: str, access_key_id: str, secret_access_key: str, session_token: str | None
) -> Any:
    """A boto3 client; the same one for the same arguments. boto3 clients may be shared between threads."""
    key = (endpoint, access_key_id, service, region)
    with _lock:  # sessions, unlike clients, may not be shared between threads
        if key not in _clients:
            _clients[key] = session().client(
                service,
                region_name=region,
                endpoint_url=endpoint,
                aws_access_key_id=access_key_id,
                aws_secret_access_key=secret_access_key,
                aws_session_token=session_token,
                config=_CONFIG,
            )
        return _clients[key]


def forget() -> None:
    """Close and drop every client; for when the embedded AWS stops."""
    with _lock:
        for made in _clients.values():
            made.close()
        _clients.clear()
