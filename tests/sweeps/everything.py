"""Everything in the accounts that matters, read by administrators with plain clients, so that two runs can be compared.

Nothing of the product is used but the names of its accounts. What differs from run to run by nature (ids, dates,
versions) is left out or replaced by what it stands for."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from tests.sweeps.plain import plain_clients
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.system.names import Names

Client = Callable[[str], Any]
_SEEDED = ("Emulator", "xacct-ml-operator")


def everything(aws: EmbeddedAws, names: Names, reader: Any) -> dict[str, object]:
    """By ``<account>/<service>/<name>``, in other regions than the map's ``<account>/<region>/<service>/<name>``; the
    key in use is called ``<key>`` everywhere, and ``<key of …>`` that of another region, or of what is captured.

    ``reader`` is an S3 client that may read the project's objects, which administrators may not."""
    found: dict[str, Any] = {}
    for account in names.accounts:
        client = plain_clients(aws, account)
        for service, look in _LOOKS.items():
            found |= {f"{account}/{service}/{name}": state for name, state in look(client).items()}
        for region in names.other_regions:
            client = plain_clients(aws, account, region)
            for service in _LOOKS.keys() - _EVERYWHERE:
                states = _LOOKS[service](client)
                found |= {f"{account}/{region}/{service}/{name}": state for name, state in states.items()}
    bucket = found.get(f"{names.shared}/s3/{names.bucket}")
    if bucket is not None:
        artifacts = [key for key in bucket["objects"] if key.startswith(names.artifact_prefix)]
        bucket["artifacts"] = Counter(key.rpartition("/")[0] for key in artifacts)
        kept = {key: version for key, version in bucket["objects"].items() if key not in artifacts}
        starting = (names.manifest_key, names.release_key, names.source_key)
        bucket["versions"] = {key: number for key, number in bucket["versions"].items() if key in starting}
        bucket["objects"] = {key: _object(reader, names.bucket, key, version) for key, version in kept.items()}
    return _without_ids(found, names)


def _without_ids(found: dict[str, Any], names: Names) -> dict[str, object]:
    text = json.dumps(found, sort_keys=True, default=str)
    alias: dict[str, Any] = found.get(f"{names.shared}/kms/{names.key_alias}", {})
    if "target" in alias:
        text = text.replace(alias["target"], "<key>")
    for region in names.other_regions:
        there: dict[str, Any] = found.get(f"{names.shared}/{region}/kms/{names.key_alias}", {})
        if "target" in there:
            text = text.replace(there["target"], f"<key of {region}>")
    for target in names.capturing:
        region = "" if names.elsewhere(target) is None else f"{names.region_of(target)}/"
        captured: dict[str, Any] = found.get(f"{target.id}/{region}kms/{names.capture_key_alias}", {})
        if "target" in captured:
            text = text.replace(captured["target"], f"<key of what {target.name} captures>")
    repository: dict[str, Any] = found.get(f"{names.repository_account}/codecommit/{names.repository}", {})
    for number, head in enumerate(repository.get("commits", ())):
        text = text.replace(head, f"<commit {number}>")
    objects: dict[str, Any] = found.get(f"{names.shared}/s3/{names.bucket}", {}).get("objects", {})
    for key, found_there in objects.items():
        text = text.replace(found_there["version"], f"<version of {key}>")
    whole: dict[str, object] = json.loads(text)
    return whole


def _iam(client: Client) -> dict[str, Any]:
    iam = client("iam")
    roles = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    descriptions = {role["RoleName"]: role.get("Description") for role in iam.list_roles()["Roles"]}
    return {
        role["RoleName"]: {
            "path": role["Path"],
            "trust": role["AssumeRolePolicyDocument"],
            "inline": {policy["PolicyName"]: policy["PolicyDocument"] for policy in role.get("RolePolicyList", ())},
            "attached": sorted(policy["PolicyArn"] for policy in role.get("AttachedManagedPolicies", ())),
            "boundary": role.get("PermissionsBoundary"),
            "tags": _pairs(role["Tags"]),
            "description": descriptions[role["RoleName"]],
        }
        for role in roles
        if not role["RoleName"].startswith(_SEEDED)
    }


def _kms(client: Client) -> dict[str, Any]:
    """Keys that wait for their deletion count by number: each attempt may have left one."""
    kms = client("kms")
    found: dict[str, Any] = {}
    waiting = 0
    for key in kms.list_keys()["Keys"]:
        metadata = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if metadata["KeyManager"] != "CUSTOMER":
            continue
        if metadata["KeyState"] == "PendingDeletion":
            waiting += 1
            continue
        found[key["KeyId"]] = {
            "state": metadata["KeyState"],
            "description": metadata["Description"],
            "policy": _policy(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]),
            "rotation": kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"],
            "tags": _pairs(kms.list_resource_tags(KeyId=key["KeyId"])["Tags"], "TagKey", "TagValue"),
        }
    for alias in kms.list_aliases()["Aliases"]:
        if not alias["AliasName"].startswith("alias/aws/"):
            found[alias["AliasName"]] = {"target": alias.get("TargetKeyId")}
    return found | ({"waiting for deletion": waiting} if waiting else {})


def _s3(client: Client) -> dict[str, Any]:
    s3 = client("s3")
    return {bucket["Name"]: _bucket(s3, bucket["Name"]) for bucket in s3.list_buckets()["Buckets"]}


_BUCKET_SETTINGS = {
    "get_bucket_tagging": "TagSet",
    "get_bucket_ownership_controls": "OwnershipControls",
    "get_public_access_block": "PublicAccessBlockConfiguration",
    "get_bucket_versioning": "Status",
    "get_bucket_encryption": "ServerSideEncryptionConfiguration",
    "get_bucket_lifecycle_configuration": "Rules",
    "get_bucket_notification_configuration": "EventBridgeConfiguration",
    "get_bucket_policy": "Policy",
}


def _bucket(s3: Any, name: str) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for call, member in _BUCKET_SETTINGS.items():
        try:
            value = getattr(s3, call)(Bucket=name).get(member)
        except ClientError as error:
            value = error.response["Error"]["Code"]
        settings[member] = _pairs(value) if member == "TagSet" and isinstance(value, list) else value
        if member == "Policy" and str(value).startswith("{"):
            settings[member] = _policy(value)
    listed = s3.list_object_versions(Bucket=name)
    current = [version for version in listed.get("Versions", ()) if version["IsLatest"]]
    settings["objects"] = {version["Key"]: version["VersionId"] for version in current}
    settings["versions"] = Counter(version["Key"] for version in listed.get("Versions", ()))
    settings["delete markers"] = sorted(marker["Key"] for marker in listed.get("DeleteMarkers", ()))
    settings["uploads"] = sorted(part["Key"] for part in s3.list_multipart_uploads(Bucket=name).get("Uploads", ()))
    return settings


def _object(reader: Any, bucket: str, key: str, version: str) -> dict[str, Any]:
    try:
        return _content(reader.get_object(Bucket=bucket, Key=key))
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDenied":  # a run's own
            return {"version": version}
        # Its key waits for deletion.
        return _content({**reader.head_object(Bucket=bucket, Key=key), "Body": io.BytesIO(b"{}")})


def _content(answer: Any) -> dict[str, Any]:
    body = answer["Body"].read()
    if answer["ContentType"] == "application/json":
        document = json.loads(body)
        if isinstance(document, dict):
            document.pop("created", None)
        body = json.dumps(document, sort_keys=True).encode()
    # A zip's content is compared by its text as well, stored as it is.
    return {
        "content": body.decode(errors="replace"),
        "key": answer.get("SSEKMSKeyId"),
        "metadata": answer["Metadata"],
        "version": answer["VersionId"],
    }


def _codecommit(client: Client) -> dict[str, Any]:
    codecommit = client("codecommit")
    return {
        repository["repositoryName"]: _repository(codecommit, repository["repositoryName"])
        for repository in codecommit.list_repositories()["repositories"]
    }


def _repository(codecommit: Any, name: str) -> dict[str, Any]:
    metadata = codecommit.get_repository(repositoryName=name)["repositoryMetadata"]
    commits, files = [], {}
    for branch in codecommit.list_branches(repositoryName=name)["branches"]:
        head = codecommit.get_branch(repositoryName=name, branchName=branch)["branch"]["commitId"]
        while head:
            commits.append(head)
            parents = codecommit.get_commit(repositoryName=name, commitId=head)["commit"]["parents"]
            head = parents[0] if parents else None
        folder = codecommit.get_folder(repositoryName=name, folderPath="/", commitSpecifier=branch)
        files[branch] = {file["absolutePath"]: file["blobId"] for file in folder["files"]}
    tags = codecommit.list_tags_for_resource(resourceArn=metadata["Arn"]).get("tags", {})
    return {"description": metadata.get("repositoryDescription"), "files": files, "commits": commits, "tags": tags}


def _cloudformation(client: Client) -> dict[str, Any]:
    cloudformation = client("cloudformation")
    return {
        stack["StackName"]: {
            "status": stack["StackStatus"],
            "role": stack.get("RoleARN"),
            "parameters": _pairs(stack.get("Parameters", ()), "ParameterKey", "ParameterValue"),
            "tags": _pairs(stack.get("Tags", ())),
        }
        for stack in cloudformation.describe_stacks()["Stacks"]
        if stack["StackStatus"] != "DELETE_COMPLETE"
    }


def _stepfunctions(client: Client) -> dict[str, Any]:
    machines = client("stepfunctions").list_state_machines()["stateMachines"]
    return {machine["name"]: machine["stateMachineArn"] for machine in machines}


_FUNCTION = ("CodeSha256", "Description", "Runtime", "Handler", "Role", "Timeout", "MemorySize", "Environment")


def _lambda(client: Client) -> dict[str, Any]:
    functions = client("lambda")
    found = {}
    for function in functions.list_functions()["Functions"]:
        name = function["FunctionName"]
        try:
            events = functions.get_function_event_invoke_config(FunctionName=name)
            asynchronous = [events.get("MaximumRetryAttempts"), events.get("MaximumEventAgeInSeconds")]
        except ClientError as error:
            asynchronous = [error.response["Error"]["Code"]]
        tags = functions.list_tags(Resource=function["FunctionArn"])["Tags"]
        settings = {member: function.get(member) for member in _FUNCTION}
        found[name] = {**settings, "asynchronous": asynchronous, "tags": tags}
    return found


def _logs(client: Client) -> dict[str, Any]:
    logs = client("logs")
    return {
        group["logGroupName"]: {
            "retention": group.get("retentionInDays"),
            "tags": logs.list_tags_for_resource(resourceArn=group["arn"].removesuffix(":*"))["tags"],
        }
        for group in logs.describe_log_groups()["logGroups"]
    }


_NO_SETTINGS = ("StateUpdatedTimestamp", "StateTransitionedTimestamp", "AlarmConfigurationUpdatedTimestamp")


def _cloudwatch(client: Client) -> dict[str, Any]:
    cloudwatch = client("cloudwatch")
    return {
        alarm["AlarmName"]: {
            **{name: value for name, value in alarm.items() if name not in _NO_SETTINGS},
            "Dimensions": sorted(alarm["Dimensions"], key=str),
            "tags": _pairs(cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]),
        }
        for alarm in cloudwatch.describe_alarms()["MetricAlarms"]
    }


def _codepipeline(client: Client) -> dict[str, Any]:
    codepipeline = client("codepipeline")
    found = {}
    for pipeline in codepipeline.list_pipelines()["pipelines"]:
        answer = codepipeline.get_pipeline(name=pipeline["name"])
        structure = {name: value for name, value in answer["pipeline"].items() if name != "version"}
        tags = codepipeline.list_tags_for_resource(resourceArn=answer["metadata"]["pipelineArn"])["tags"]
        runs = codepipeline.list_pipeline_executions(pipelineName=pipeline["name"])["pipelineExecutionSummaries"]
        found[pipeline["name"]] = {
            "structure": structure,
            "tags": _pairs(tags, "key", "value"),
            "runs": [run["trigger"]["triggerType"] for run in runs],
        }
    return found


def _events(client: Client) -> dict[str, Any]:
    events = client("events")
    return {
        rule["Name"]: {
            "pattern": rule.get("EventPattern"),
            "state": rule["State"],
            "description": rule.get("Description"),
            "targets": sorted(events.list_targets_by_rule(Rule=rule["Name"])["Targets"], key=str),
            "tags": _pairs(events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]),
        }
        for rule in events.list_rules()["Rules"]
        if not rule["Name"].startswith("StepFunctions")
    } | {"bus": events.describe_event_bus().get("Policy")}


def _sagemaker(client: Client) -> dict[str, Any]:
    """Model package groups; what else there is of SageMaker, runs make."""
    sagemaker = client("sagemaker")
    groups = sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    return {
        group["ModelPackageGroupName"]: {
            "description": group["ModelPackageGroupDescription"],
            "tags": _pairs(sagemaker.list_tags(ResourceArn=group["ModelPackageGroupArn"])["Tags"]),
        }
        for group in groups
    }


_LOOKS: dict[str, Callable[[Client], dict[str, Any]]] = {
    "iam": _iam,
    "kms": _kms,
    "s3": _s3,
    "codecommit": _codecommit,
    "cloudformation": _cloudformation,
    "stepfunctions": _stepfunctions,
    "lambda": _lambda,
    "logs": _logs,
    "cloudwatch": _cloudwatch,
    "codepipeline": _codepipeline,
    "events": _events,
    "sagemaker": _sagemaker,
}


_EVERYWHERE = frozenset({"iam", "s3"})
"""Services whose listings are the same in every region."""


def _policy(text: str) -> Any:
    """Its principals in one order: AWS keeps them as sets."""
    document: Any = json.loads(text)
    for statement in document["Statement"]:
        if isinstance(principal := statement.get("Principal"), dict):
            statement["Principal"] = {
                kind: sorted(who) if isinstance(who, list) else who for kind, who in principal.items()
            }
    return document


def _pairs(tags: Any, key: str = "Key", value: str = "Value") -> dict[str, str]:
    return {tag[key]: tag.get(value, "") for tag in tags}
