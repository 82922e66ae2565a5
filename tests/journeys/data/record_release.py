"""Record what an earlier release's commands wrote, as API calls: ``python record_release.py MAP OUT.json.gz``.

Run once, with the Python of a clone of that release (8e7c681) and its directory as the working directory: its
bootstrap, upload-data and create-pipeline, in its own embedded AWS. Clients that the commands made are watched; what
they read is left out. The maps were config.example.yaml, with 10 rounds, and docs/maps/source-account.yaml. The
id of a key that was made stands as ``<key REGION>``, an object's version as ``<version KEY>``."""

import base64
import gzip
import json
import re
import sys
import threading
from importlib import import_module
from pathlib import Path

from botocore.client import BaseClient

calls, made_ids, lock = [], {}, threading.Lock()
READS = re.compile(r"^(Get|List|Describe|Head|Assume|Batch)")


def plain(value):
    if isinstance(value, bytes | bytearray):
        try:
            return {"text": value.decode()}
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if hasattr(value, "read"):
        return {"file": True}
    return value


def main() -> None:
    map_, out = sys.argv[1:]
    sys.path.insert(0, ".")
    journeys = import_module("tests.journeys.project")
    accounts = import_module("xacct_ml.aws.accounts")
    config = import_module("xacct_ml.config.load").load(Path(map_))
    made, call = accounts.Accounts.client, BaseClient._make_api_call

    def client(self, account, service, region=None):
        found = made(self, account, service, region)
        found._recorded = (account, region or self._region, service)
        return found

    def make_api_call(self, operation, parameters):
        recorded = getattr(self, "_recorded", None)
        request = plain(parameters)
        answer = call(self, operation, parameters)
        if recorded and not READS.match(operation):
            with lock:
                if operation == "CreateKey":
                    made_ids[answer["KeyMetadata"]["KeyId"]] = f"<key {recorded[1]}>"
                if operation == "PutObject":
                    made_ids[answer["VersionId"]] = f"<version {parameters['Key']}>"
                calls.append([*recorded, operation, request])
        return answer

    accounts.Accounts.client, BaseClient._make_api_call = client, make_api_call
    with journeys.project(config) as project:
        project.bootstrap()
        project.upload()
        project.create_pipeline()
    text = json.dumps(calls, separators=(",", ":"))
    for key, name in made_ids.items():
        text = text.replace(key, name)
    Path(out).write_bytes(gzip.compress(text.encode(), mtime=0))


main()
