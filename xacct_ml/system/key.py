"""The policy of the KMS key of one region.

Use of the key is bound to S3 (``kms:ViaService``), to the region's bucket (encryption context) and to exact roles. The
encryption context is the bucket's ARN with a Bucket Key and the object's without; both are accepted because old
objects keep their mode (S3 User Guide, bucket-key) [D]."""

from collections.abc import Iterator
from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document, accounts_of, actions, grant, only_roles, policy
from xacct_ml.tables.regions import service_host

ADMINISTRATION = actions(
    "kms",
    "CancelKeyDeletion DescribeKey DisableKey DisableKeyRotation EnableKey "
    "EnableKeyRotation GetKeyPolicy GetKeyRotationStatus ListGrants ListKeyPolicies "
    "ListResourceTags CreateAlias DeleteAlias UpdateAlias UpdateKeyDescription "
    "PutKeyPolicy RevokeGrant ScheduleKeyDeletion TagResource UntagResource",
)
"""Everything but using the key: the account keeps control of it (and passes KMS's lock-out check), not access to
the data."""

_WRITE = "kms: Decrypt GenerateDataKey"


def key_policy(config: Config, region: str) -> Document:
    """Of the pipeline's region, the key of everything up to an approved model; of another region, of artifacts there
    and of the models that its endpoints serve."""
    names = Names(config)
    endpoints = [names.endpoint_role(target) for target in names.targets_in(region)]
    if (batch := names.batch_target) is not None and names.region_of(batch) == region:
        endpoints.append(names.batch_role(batch))
    if region != names.region:
        copying = [names.pipeline_role, names.copy_role]
        use = _administration_and_use(names, region, copying, endpoints)
        return policy(*use, *_notifications(names, region))
    source = [names.source_action_role] if names.source_account is not None else []
    notes = [names.schedule_function_role] if config.schedule is not None else []
    writers = [names.pipeline_role, *source, names.judge_role, *notes, names.training_role, names.scoring_role]
    readers = [
        names.train_action_role,
        names.state_machine_role,
        *endpoints,
        *([names.copy_role] if names.other_regions else []),
        *([names.job_result_role] if config.endpoint.smoke_test else []),
    ]
    # The shared account has it by KeyAdministration.
    describers = [*source, names.train_action_role, names.training_role]
    training = [names.training_role]
    account, as_operators = {"AWS": names.account_root(names.shared)}, operators_only(config)
    return policy(
        *_administration_and_use(names, region, writers, readers),
        *_notifications(names, region),
        grant("DescribeKey", accounts_of(names, describers), "kms:DescribeKey", "*", only_roles(describers)),
        grant("EncryptOutput", accounts_of(names, training), "kms:Encrypt", "*", only_roles(training)),
        grant("OperatorsThroughS3", account, _WRITE, "*", {**as_operators, **_through_s3(names, region)}),
        *_approvers(names, account),
    )


def _administration_and_use(names: Names, region: str, writers: list[str], readers: list[str]) -> Iterator[Document]:
    """What the key of every region has: its account administers it, and exactly these roles use it through S3."""
    through_s3 = _through_s3(names, region)
    yield grant("KeyAdministration", {"AWS": names.account_root(names.shared)}, ADMINISTRATION, "*")
    for sid, roles, use in (("WriteThroughS3", writers, _WRITE), ("ReadThroughS3", readers, "kms:Decrypt")):
        yield grant(sid, accounts_of(names, roles), use, "*", {**only_roles(roles), **through_s3})


def _approvers(names: Names, account: Document) -> Iterator[Document]:
    """They read records and write the request of a release; where the map names no operator, the whole account does
    already."""
    if names.approver_role is not None:
        conditions = {**only_roles([names.approver_role]), **_through_s3(names, names.region)}
        yield grant("ApproversThroughS3", account, _WRITE, "*", conditions)


def _notifications(names: Names, region: str) -> Iterator[Document]:
    """EventBridge and CloudWatch publish to a topic that is encrypted with the key, each as itself (SNS Developer
    Guide, sns-key-management); that the encryption context is the topic: sns-enable-encryption-for-topic [D]. Who may
    publish, the topic's policy says: SNS passes on no source of EventBridge's to KMS [C]."""
    if names.config.notifications is not None and names.config.notifications.topic_arn is None:
        services = [*(["events.amazonaws.com"] if region == names.region else []), "cloudwatch.amazonaws.com"]
        context = {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": names.topic_arn(region)}}
        principal = {"Service": services if len(services) > 1 else services[0]}
        yield grant("NotificationsThroughSns", principal, _WRITE, "*", context)
        if region == names.region:
            through = {"kms:ViaService": service_host("sns", region), **context["StringEquals"]}
            conditions = {**operators_only(names.config), "StringEquals": through}
            account = {"AWS": names.account_root(names.shared)}
            yield grant("OperatorsThroughSns", account, _WRITE, "*", conditions)


def operators_only(config: Config) -> dict[str, dict[str, Any]]:
    """Who uploads data and reads evaluations: the map's role of the shared account, or whom its IAM allows if it
    names none."""
    role_arn = config.accounts.shared.role_arn
    return {} if role_arn is None else only_roles([role_arn])


def _through_s3(names: Names, region: str) -> dict[str, dict[str, Any]]:
    """For a region's bucket only, through that region's S3 only."""
    context = [names.bucket_arn_in(region), names.object_arn("*", region)]
    via_s3 = {"kms:ViaService": service_host("s3", region)}
    return {"StringEquals": via_s3, "StringLike": {"kms:EncryptionContext:aws:s3:arn": context}}
