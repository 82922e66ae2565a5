"""The shared account's bucket of one region: its policy and its configuration.

In the pipeline's region it holds everything. Elsewhere it is the artifact store that CodePipeline demands for actions
there, and the place of the models that endpoints there serve: "You must create the artifact bucket and encryption key
in the same Region as the cross-region action and in the same account as your pipeline" (CodePipeline User Guide,
actions-create-cross-region) [D]. A model, its image and its endpoint are of one region (SageMaker API reference,
CreateModel) [B].

Uploads are strictly encrypted: a negated operator is true for an absent key, so no header, another algorithm, no key
id and another key are each denied (IAM User Guide, reference_policies_elements_condition_operators) [D]."""

from collections.abc import Iterator
from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.system.bucket_layout import (
    CHECKPOINTS_PREFIX,
    EVIDENCE_PREFIXES,
    HOLDOUT_PREFIX,
    JUDGED_PREFIX,
    LIVE_PREFIX,
    MODELS_PREFIX,
    RELEASE_PREFIX,
    SCORES_PREFIX,
)
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.scoring import FEATURES, listed_rows
from xacct_ml.system.statements import (
    OWNER_ACL,
    Conditions,
    Document,
    Resources,
    accounts_of,
    deny,
    grant,
    only_roles,
    policy,
)

ALGORITHM = "s3:x-amz-server-side-encryption"
ENCRYPTION_KEY = f"{ALGORITHM}-aws-kms-key-id"
"""Condition keys: what an upload's headers say of its encryption."""

DENY_DELETION = "DenyDeletion"
"""The statement without which evidence can be deleted."""


def bucket_policy(config: Config, keys: Keys, region: str) -> Document:
    """Of another region than the pipeline's, pipeline and copies write as roles of the bucket's own account, by their
    own policies."""
    names = Names(config)
    return policy(
        *_strict_encryption(names, region, keys[region]),
        *_written_once(names, region),
        *(_to_training(names) if region == names.region else ()),
        *_endpoints_read_models(names, region),
    )


def _to_training(names: Names) -> Iterator[Document]:
    """What roles of other accounts do up to a trained model: the source action first, where another account has the
    repository (see :mod:`xacct_ml.system.source_roles`)."""
    bucket, artifacts, data = names.bucket_arn, names.artifacts_arn, f"{names.data_prefix}/*"
    objects = names.object_arn
    if names.source_account is not None:
        role = names.source_action_role
        yield _to_role(names, role, "SourceLooksAtBucket", "s3: GetBucketLocation ListBucket", bucket)
        yield _to_role(names, role, "SourceWritesArtifacts", "s3: GetObject GetObjectVersion PutObject", artifacts)
        yield _to_role(names, role, "SourceHandsOver", "s3:PutObjectAcl", artifacts, OWNER_ACL)
    listing: Conditions = {"StringLike": {"s3:prefix": data}}
    action, state_machine, training = names.train_action_role, names.state_machine_role, names.training_role
    scoring, features = names.scoring_role, listed_rows(names)
    models, scores = f"{JUDGED_PREFIX}/*", f"{SCORES_PREFIX}/*"
    rows: tuple[tuple[str, str, str, Resources, Conditions], ...] = (
        (action, "ActionReadsBucket", "s3: GetBucketLocation GetBucketVersioning ListBucket", bucket, {}),
        (action, "ActionReadsArtifacts", "s3: GetObject GetObjectVersion", artifacts, {}),
        (state_machine, "StateMachineReadsManifest", "s3:GetObjectVersion", objects(names.manifest_key), {}),
        (training, "TrainingListsData", "s3:ListBucket", bucket, listing),
        (training, "TrainingReadsData", "s3:GetObject", objects(data), {}),
        (training, "TrainingWritesModels", "s3: AbortMultipartUpload PutObject", objects(f"{MODELS_PREFIX}/*"), {}),
        (scoring, "ScoringListsFeatures", "s3:ListBucket", bucket, features),
        (scoring, "ScoringReads", "s3:GetObject", [objects(each) for each in (FEATURES, models)], {}),
        (scoring, "ScoringWritesScores", "s3: AbortMultipartUpload PutObject", objects(scores), {}),
    )
    for row in rows:
        yield _to_role(names, *row)


def _to_role(
    names: Names, role: str, sid: str, actions: str, resource: Resources, conditions: Conditions | None = None
) -> Document:
    return grant(sid, accounts_of(names, [role]), actions, resource, {**only_roles([role]), **(conditions or {})})


def _strict_encryption(names: Names, region: str, key_arn: str) -> tuple[Document, ...]:
    """What no request to a region's bucket may do: come over plain HTTP, or store anything under another key."""
    bucket, objects = names.bucket_arn_in(region), names.object_arn("*", region)
    plain, other_encryption = {"Bool": {"aws:SecureTransport": "false"}}, {"StringNotEquals": {ALGORITHM: "aws:kms"}}
    return (
        deny("DenyInsecureTransport", "*", "s3:*", [bucket, objects], plain),
        deny("DenyOtherEncryption", "*", "s3:PutObject", objects, other_encryption),
        deny("DenyOtherKeys", "*", "s3:PutObject", objects, {"StringNotEquals": {ENCRYPTION_KEY: key_arn}}),
    )


def _written_once(names: Names, region: str) -> tuple[Document, ...]:
    """Evidence and judged models: written by one role, where nothing is yet, and deleted by the operator alone; where
    the map does not say who that is, by nobody, until teardown takes the statement away. Data sets and the rows held
    out, whose prefix is the digest of their content: never written over. What serves now is written by the same role,
    over and over.

    The header If-None-Match is asked of what makes an object; the parts of an upload have none (S3 User Guide,
    conditional-writes-enforce) [D]."""
    writer = names.judge_role if region == names.region else names.copy_role
    prefixes = EVIDENCE_PREFIXES if region == names.region else (JUDGED_PREFIX,)
    kept = [names.object_arn(f"{prefix}/*", region) for prefix in prefixes]
    deletion = "s3: DeleteObject DeleteObjectVersion"
    overwriting = {"Null": {"s3:if-none-match": "true"}, "BoolIfExists": {"s3:ObjectCreationOperation": "true"}}
    operator = names.config.accounts.shared.role_arn
    data = [names.datasets_arn, names.holdouts_arn] if region == names.region else []
    live = [names.object_arn(f"{LIVE_PREFIX}/*")] if region == names.region else []
    return (
        deny("DenyOtherWriters", "*", "s3:PutObject", [*kept, *live], _but(writer)),
        deny("DenyOverwriting", "*", "s3:PutObject", [*kept, *data], overwriting),
        deny(DENY_DELETION, "*", deletion, kept, {} if operator is None else _but(operator)),
    )


def _but(role: str) -> Conditions:
    return {"ArnNotEquals": {"aws:PrincipalArn": role}}


def _endpoints_read_models(names: Names, region: str) -> Iterator[Document]:
    """The statement for a region's endpoints; none without endpoints there."""
    models = names.object_arn(f"{JUDGED_PREFIX}/*", region)
    if roles := [names.endpoint_role(target) for target in names.targets_in(region)]:
        yield grant("EndpointReadsModels", accounts_of(names, roles), "s3:GetObject", models, only_roles(roles))
    if (target := names.batch_target) is not None and names.region_of(target) == region:
        role = names.batch_role(target)
        yield grant("BatchReadsModels", accounts_of(names, [role]), "s3:GetObject", models, only_roles([role]))


def settings(config: Config, key_arn: str) -> dict[str, Any]:
    """What a bucket is set to, as S3's Put… calls take it: the full key ARN, because an alias would resolve in the
    requester's account [D]; old versions expire, but never of evidence; broken uploads are cleared
    away; what training writes belongs to the shared account."""
    return {**private(key_arn), "lifecycle": {"Rules": [*_expiry(config)]}}


def private(key_arn: str) -> dict[str, Any]:
    """What every bucket is set to: nothing public, everything its owner's and encrypted with the one key."""
    encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
    no_public = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return {
        "ownership": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "public_access_block": dict.fromkeys(no_public, True),
        "encryption": {"Rules": [{"ApplyServerSideEncryptionByDefault": encryption, "BucketKeyEnabled": True}]},
    }


def _expiry(config: Config) -> Iterator[Document]:
    """A filter can only name what it is for, not what it leaves out (S3 User Guide, intro-lifecycle-filters) [D]: a
    rule for each prefix that a run or an upload writes under, none for what says what was judged and served."""
    names = Names(config)
    prefixes = dict.fromkeys(
        (
            names.artifact_prefix,
            *(f"{each}/" for each in (names.data_prefix, HOLDOUT_PREFIX, MODELS_PREFIX, CHECKPOINTS_PREFIX)),
            *(f"{each}/" for each in (SCORES_PREFIX, RELEASE_PREFIX, LIVE_PREFIX)),
        )
    )
    if names.source_key is not None:
        prefixes[names.source_key] = None
    for prefix in prefixes:
        if not any(f"{kept}/".startswith(prefix) for kept in EVIDENCE_PREFIXES):
            yield {
                "ID": f"expire-old-versions-{prefix}",
                "Status": "Enabled",
                "Filter": {"Prefix": prefix},
                "NoncurrentVersionExpiration": {"NoncurrentDays": config.bucket.noncurrent_version_days},
            }
    yield CLEAR_BROKEN_UPLOADS


CLEAR_BROKEN_UPLOADS: Document = {
    "ID": "clear-broken-uploads",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
}
