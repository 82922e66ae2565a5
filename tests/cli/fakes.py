"""Small AWS clients that remember what they were asked and answer what they were told."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

from botocore.exceptions import ClientError
from botocore.hooks import HierarchicalEmitter

from tests.configs import example
from xacct_ml.aws.accounts import Accounts
from xacct_ml.cli.command import Services
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config
from xacct_ml.errors import CredentialsError
from xacct_ml.system.names import Names


def refused(operation: str, code: str, message: str = "") -> ClientError:
    """AWS's refusal of one call."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class FakeClient:
    """Answers an operation with a value, a function of the request, or an exception; any other call fails the test."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            self.calls.append((operation, request))
            answer = self.answers[operation]
            if isinstance(answer, Exception):
                raise answer
            return answer(**request) if callable(answer) else answer

        if operation.startswith("_"):
            raise AttributeError(operation)
        return call


class FakeBucket:
    """The part of S3 that an upload needs, over a dictionary of objects."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.puts: list[str] = []
        self.deleted: list[str] = []
        self.conditional: set[str] = set()
        """Keys that were written only if nothing was there."""
        self.after_upload: Callable[[], None] = lambda: None
        self.tags = Names(example()).tags
        self.written = datetime(2026, 3, 1, tzinfo=UTC)
        self.meta = SimpleNamespace(events=HierarchicalEmitter())

    def get_bucket_tagging(self, **_: str) -> dict[str, Any]:
        return {"TagSet": [{"Key": key, "Value": value} for key, value in self.tags.items()]}

    def head_object(self, *, Bucket: str, Key: str, ExpectedBucketOwner: str) -> dict[str, Any]:  # noqa: N803, ARG002
        if Key not in self.objects:
            raise refused("HeadObject", "404")
        return {name: value for name, value in self.objects[Key].items() if name != "Body"}

    def get_object(self, *, Bucket: str, Key: str, ExpectedBucketOwner: str) -> dict[str, Any]:  # noqa: N803, ARG002
        if Key not in self.objects:
            raise refused("GetObject", "NoSuchKey")
        return {"Body": io.BytesIO(self.objects[Key]["Body"]), "ETag": self.objects[Key].get("VersionId", "1")}

    def get_paginator(self, operation: str) -> Any:
        """Of what is under a prefix, in one page."""
        assert operation == "list_objects_v2"

        def paginate(*, Prefix: str, Delimiter: str = "", **_: str) -> list[dict[str, Any]]:  # noqa: N803
            keys = sorted(key for key in self.objects if key.startswith(Prefix))
            if not Delimiter:
                return [{"Contents": [{"Key": key, "LastModified": self.written} for key in keys]}]
            rests = (key.removeprefix(Prefix).partition(Delimiter) for key in keys)
            folders = dict.fromkeys(f"{Prefix}{name}/" for name, found, _ in rests if found)
            return [{"CommonPrefixes": [{"Prefix": each} for each in folders]}] if folders else [{}]

        return SimpleNamespace(paginate=paginate)

    def put_object(self, *, Key: str, Body: bytes, **request: Any) -> dict[str, Any]:  # noqa: N803
        self._store(Key, Body, request)
        return {}

    def upload_fileobj(self, content: BinaryIO, _bucket: str, key: str, **options: Any) -> None:
        body = content.read()
        request = dict(options["ExtraArgs"])
        self.meta.events.emit("before-parameter-build.s3.PutObject", params=request)
        self._store(key, body, request)
        self.after_upload()
        options["Callback"](len(body))

    def delete_object(self, *, Key: str, **_: str) -> None:  # noqa: N803
        del self.objects[Key]
        self.deleted.append(Key)

    def _store(self, key: str, body: bytes, request: dict[str, Any]) -> None:
        if request.get("IfNoneMatch") == "*" and key in self.objects:
            raise refused("PutObject", "PreconditionFailed")
        if "IfMatch" in request and request["IfMatch"] != self.objects.get(key, {}).get("VersionId", "1"):
            raise refused("PutObject", "PreconditionFailed")
        self.puts.append(key)
        self.conditional |= {key} if "IfNoneMatch" in request else set()
        self.objects[key] = {
            "Body": body,
            "ContentLength": len(body),
            "VersionId": f"v{len(self.puts)}",
            "Metadata": request.get("Metadata", {}),
            "SSEKMSKeyId": request["SSEKMSKeyId"],
        }


class FakeAccounts(Accounts):
    """Accounts whose clients are handed in by (account, service)."""

    def __init__(self, clients: dict[tuple[str, str], Any], *, wrong: str | None = None) -> None:
        super().__init__(example())
        self.clients = clients
        self.wrong = wrong
        self.verified: list[str] = []

    def client(self, account_id: str, service: str, region: str | None = None) -> Any:  # noqa: ARG002
        return self.clients[account_id, service]

    def verify(self, account_ids: Iterable[str] | None = None) -> None:
        for account in account_ids or ():
            self.verified.append(account)
            if account == self.wrong:
                raise CredentialsError(f"the credentials for {account} have expired", next_step="aws sso login")


class FakeServices(Services):
    """A command line over a given map and given accounts."""

    def __init__(self, accounts: Accounts | None = None, config: Config | None = None) -> None:
        self.given = accounts or FakeAccounts({})
        self.map = config or example()
        self.slept: list[float] = []
        self.entered: dict[str, str | None] = {}
        """By which role each account was entered."""

    def config(self, path: Path) -> Config:  # noqa: ARG002
        return self.map

    def accounts(self, config: Config) -> Accounts:
        self.entered |= {account.id: account.role_arn for _, account in named_accounts(config)}
        return self.given

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def now(self) -> datetime:
        """A minute and a half after everything in the fakes began."""
        return datetime(2026, 3, 1, 12, 1, 30, tzinfo=UTC)
