"""``python plain_calls.py CALLS``: makes the calls of a JSON file as a plain script would, one after another.

``CALLS`` is ``{"roles": {account: role ARN}, "calls": [[account, service, region, method, parameters], …]}``: a session
for each account, a client where one is first needed, nothing else. What AWS refuses is passed over, as the command
that the calls were taken from does."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

import boto3
from botocore.exceptions import ClientError


def main(file: str) -> None:
    given = json.loads(Path(file).read_text())
    sts = boto3.client("sts")
    sessions, clients = {}, {}
    for account, role in given["roles"].items():
        keys = sts.assume_role(RoleArn=role, RoleSessionName="plain")["Credentials"]
        sessions[account] = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    for account, service, region, method, parameters in given["calls"]:
        key = account, service, region
        if key not in clients:
            clients[key] = sessions[account].client(service, region_name=region)
        with suppress(ClientError):
            getattr(clients[key], method)(**parameters)


if __name__ == "__main__":
    main(*sys.argv[1:])
