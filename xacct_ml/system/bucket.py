"""The shared account's bucket of one region: its policy and its configuration.

In the pipeline's region it holds everything. Elsewhere it is the artifact store that CodePipeline demands for actions
there, and the place of the models that endpoints there serve: "You must create the artifact bucket and encryption key
in the same Region as the cross-region action and in the same account as your pipeline" (CodePipeline User Guide,
actions-create-cross-region) [D]. A model, its image and its endpoint are of one region (SageMaker API reference,
CreateModel) [B].

Uploads are strictly encrypted: a negated operator is true for an absent key, so no header, another algorithm, no key
id and another key are each denied (IAM User Guide, reference_policies_elements_condition_operators) [D].
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import EVALUATIONS_PREFIX, MODELS_PREFIX, Names
from xacct_ml.system.statements import OWNER_ACL, Document, accounts_of, deny, grant, only_roles, policy


def bucket_policy(config: Config, keys: Keys, region: str) -> Document:
    """Of another region than the pipeline's, pipeline and copies write as roles of the bucket's own account, by their
    own policies.
    """
    names = Names(config)
    return policy(
        *_strict_encryption(names, region, keys[region]),
        *(_to_training(names) if region == names.region else ()),
        *_endpoints_read_models(names, region),
    )


def _to_training(names: Names) -> Iterator[Document]:
    """What roles of other accounts do up to a trained model."""
    train_action = [names.train_action_role]
    state_machine = [names.state_machine_role]
    training = [names.training_role]

    def to_roles(
        sid: str, roles: list[str], actions: list[str], resource: str, conditions: dict[str, Any] | None = None
    ) -> Document:
        return grant(sid, accounts_of(names, roles), actions, resource, {**only_roles(roles), **(conditions or {})})

    yield from (
        *_to_source_action(names, to_roles),
        to_roles(
            "ActionReadsBucket",
            train_action,
            ["s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket"],
            names.bucket_arn,
        ),
        to_roles("ActionReadsArtifacts", train_action, ["s3:GetObject", "s3:GetObjectVersion"], names.artifacts_arn),
        to_roles("StateMachineReadsManifest", state_machine, ["s3:GetObject"], names.object_arn(names.manifest_key)),
        to_roles(
            "StateMachineWritesEvaluations",
            state_machine,
            ["s3:PutObject"],
            names.object_arn(f"{EVALUATIONS_PREFIX}/*"),
        ),
        to_roles(
            "TrainingListsData",
            training,
            ["s3:ListBucket"],
            names.bucket_arn,
            {"StringLike": {"s3:prefix": f"{names.data_prefix}/*"}},
        ),
        to_roles("TrainingReadsData", training, ["s3:GetObject"], names.object_arn(f"{names.data_prefix}/*")),
        to_roles(
            "TrainingWritesModels",
            training,
            ["s3:AbortMultipartUpload", "s3:PutObject"],
            names.object_arn(f"{MODELS_PREFIX}/*"),
        ),
    )


def _to_source_action(names: Names, to_roles: Callable[..., Document]) -> Iterator[Document]:
    """What the source action of another account does (see :mod:`xacct_ml.system.source_roles`)."""
    if names.source_account is None:
        return
    role, artifacts = [names.source_action_role], names.artifacts_arn
    yield to_roles("SourceLooksAtBucket", role, ["s3:GetBucketLocation", "s3:ListBucket"], names.bucket_arn)
    actions = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    yield to_roles("SourceWritesArtifacts", role, actions, artifacts)
    yield to_roles("SourceHandsOver", role, ["s3:PutObjectAcl"], artifacts, OWNER_ACL)


def _strict_encryption(names: Names, region: str, key_arn: str) -> tuple[Document, ...]:
    """What no request to a region's bucket may do: come over plain HTTP, or store anything under another key."""
    objects = names.object_arn("*", region)
    return (
        deny(
            "DenyInsecureTransport",
            "*",
            "s3:*",
            [names.bucket_arn_in(region), objects],
            {"Bool": {"aws:SecureTransport": "false"}},
        ),
        deny(
            "DenyOtherEncryption",
            "*",
            "s3:PutObject",
            objects,
            {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
        ),
        deny(
            "DenyOtherKeys",
            "*",
            "s3:PutObject",
            objects,
            {"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": key_arn}},
        ),
    )


def _endpoints_read_models(names: Names, region: str) -> tuple[Document, ...]:
    """The statement for a region's endpoints; none without endpoints there."""
    roles = [names.endpoint_role(target) for target in names.targets_in(region)]
    if not roles:
        return ()
    models = names.object_arn(f"{MODELS_PREFIX}/*", region)
    return (grant("EndpointReadsModels", accounts_of(names, roles), "s3:GetObject", models, only_roles(roles)),)


def encryption(key_arn: str) -> Document:
    """PutBucketEncryption's configuration. The full key ARN: an alias would resolve in the requester's account
    [D].
    """
    return {
        "Rules": [
            {
                "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn},
                "BucketKeyEnabled": True,
            }
        ]
    }


def lifecycle(config: Config) -> Document:
    """PutBucketLifecycleConfiguration's configuration: old versions expire, broken uploads are cleared away."""
    return {
        "Rules": [
            {
                "ID": "expire-old-versions",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "NoncurrentVersionExpiration": {"NoncurrentDays": config.bucket.noncurrent_version_days},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            }
        ]
    }


def ownership() -> Document:
    """PutBucketOwnershipControls: what training writes belongs to the shared account."""
    return {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def public_access_block() -> Document:
    return {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
