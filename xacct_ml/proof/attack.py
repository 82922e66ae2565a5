"""What must be impossible: requests of intruders and of our own roles beyond their jobs, each of which must be
denied.

An intruder is an administrator: its own account lets it do everything, so only our documents stand in its way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from xacct_ml.access.documents_store import DocumentStore
from xacct_ml.access.model import ContextValue, Decision, Outcome, Request
from xacct_ml.access.policy import Policy
from xacct_ml.access.store import authorize
from xacct_ml.config.model import Config
from xacct_ml.documents.key import ADMINISTRATION
from xacct_ml.documents.roles import RoleDocument, roles
from xacct_ml.documents.statements import allow, policy
from xacct_ml.naming import EVALUATIONS_PREFIX, MODELS_PREFIX, Names
from xacct_ml.proof.hop import Sender
from xacct_ml.proof.prove import hops
from xacct_ml.proof.shared_hops import artifact_key
from xacct_ml.proof.training_hops import DATASET, job_name
from xacct_ml.proof.world import documents_store
from xacct_ml.regions import service_host

FOREIGN_ACCOUNT = "999999999999"
INTRUDER_ROLE = "Intruder"
USE_OF_KEY = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:CreateGrant",
    "kms:DescribeKey",
)
BUCKET_ATTACKS = (
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:PutBucketPolicy",
    "s3:DeleteBucket",
    "s3:PutEncryptionConfiguration",
)
OBJECT_ATTACKS = ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:PutObjectAcl")
SERVICE_ROLES = {
    "pipeline": "codepipeline.amazonaws.com",
    "start": "events.amazonaws.com",
    "cloudformation": "cloudformation.amazonaws.com",
    "state-machine": "states.amazonaws.com",
    "training": "sagemaker.amazonaws.com",
    "deploy-function": "lambda.amazonaws.com",
    "endpoint": "sagemaker.amazonaws.com",
}


@dataclass(frozen=True)
class Attack:
    """``what`` says for a person what must not be possible."""

    group: str
    what: str
    request: Request


@dataclass(frozen=True)
class RepelledAttack:
    attack: Attack
    decision: Decision

    @property
    def repelled(self) -> bool:
        """Only a certain denial counts."""
        return self.decision.outcome is Outcome.DENIED


def attack_all(
    config: Config, *, store: DocumentStore | None = None, key_arn: str | None = None
) -> tuple[RepelledAttack, ...]:
    """Decides every attack. Without ``store``, against the documents that this map would deploy."""
    key = key_arn or Names(config).key_arn()
    policies = with_intruders(config, store or documents_store(config, key))
    return tuple(RepelledAttack(attack, authorize(attack.request, policies)) for attack in attacks(config, key))


def intruders(config: Config) -> Mapping[str, str]:
    """An administrator's role by the words for its account: foreign, and every account of the map but the shared
    one.
    """
    names = Names(config)
    accounts = {
        "a foreign account": FOREIGN_ACCOUNT,
        "the training account": names.training,
        **{f"production account {target.name}": target.id for target in names.production},
    }
    return {words: names.arn("iam", account, f"role/{INTRUDER_ROLE}", region="") for words, account in accounts.items()}


def with_intruders(config: Config, store: DocumentStore) -> DocumentStore:
    everything = Policy.parse(policy(allow("Everything", ["*"], ["*"])), "administrator")
    for arn in intruders(config).values():
        store = store.with_principal(arn, (everything,))
    return store


def attacks(config: Config, key_arn: str) -> Iterator[Attack]:
    send = Sender(config, key_arn)
    made = roles(config, key_arn)
    yield from _administrators(config, send, made)
    yield from _uploads(send)
    yield from _beyond_the_job(config, send)
    yield from _role_assumption(send, made, config)
    yield from _confused_deputies(send, made)
    yield from _key(config, send, made)
    yield from _passing_roles(config, send, made)


# -- groups ------------------------------------------------------------------------------------------------------------


def _administrators(config: Config, send: Sender, made: tuple[RoleDocument, ...]) -> Iterator[Attack]:
    """Administrators of other accounts against everything that is not in their own."""
    names = send.names
    objects = (
        names.channel_key(DATASET, "train"),
        names.manifest_key,
        names.model_key(job_name(names)),
        names.evaluation_key("execution"),
        artifact_key(names),
    )
    for words, intruder in intruders(config).items():
        own = intruder.split(":")[4]
        group = f"An administrator of {words}"
        for action in BUCKET_ATTACKS:
            yield Attack(group, f"{action} on the bucket", send.bucket(intruder, action))
        for key in objects:
            for action in OBJECT_ATTACKS:
                request = send.write(intruder, key) if action == "s3:PutObject" else send.read(intruder, key, action)
                yield Attack(group, f"{action} on {key}", request)
        for action in (*USE_OF_KEY, *ADMINISTRATION):
            yield Attack(group, f"{action} on the key", send.key(intruder, action))
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            yield Attack(group, f"{action} on the key through S3", send.key_through_s3(intruder, action))
        for role in made:
            if role.account != own:
                yield Attack(group, f"assumes {role.name}", send.assume_from(intruder, role.arn))
        for action, resource, account in _other_resources(config, send):
            if account != own:
                yield Attack(group, f"{action}", send.call(intruder, action, resource, account))


def _other_resources(config: Config, send: Sender) -> Iterator[tuple[str, str, str]]:
    names = send.names
    yield "codecommit:GitPush", names.repository_arn, names.shared
    yield "codepipeline:StartPipelineExecution", names.pipeline_arn, names.shared
    yield "codepipeline:PutApprovalResult", f"{names.pipeline_arn}/Approve/Review", names.shared
    yield "events:PutRule", names.rule_arn(names.push_rule), names.shared
    yield "states:StartExecution", names.state_machine_arn, names.training
    yield "sagemaker:StopTrainingJob", names.training_job_arn(job_name(names)), names.training
    for target in config.accounts.production:
        yield "lambda:InvokeFunction", names.function_arn(target), target.id
        yield "lambda:UpdateFunctionCode", names.function_arn(target), target.id
        yield "sagemaker:InvokeEndpoint", names.endpoint_arn(target), target.id
        yield "sagemaker:DeleteEndpoint", names.endpoint_arn(target), target.id


def _uploads(send: Sender) -> Iterator[Attack]:
    """Uploads by those who may upload, but not encrypted as they must be."""
    names = send.names
    other_key = names.arn("kms", FOREIGN_ACCOUNT, "key/00000000-0000-0000-0000-000000000000")
    algorithm, key_id = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
    headers: Mapping[str, Mapping[str, ContextValue]] = {
        "without encryption": {},
        "with another algorithm": {algorithm: "AES256"},
        "with another algorithm and the key": {algorithm: "AES256", key_id: send.key_arn},
        "encrypted, without a key": {algorithm: "aws:kms"},
        "encrypted with another key": {algorithm: "aws:kms", key_id: other_key},
        "with the key, without an algorithm": {key_id: send.key_arn},
        "twice encrypted with the key": {algorithm: "aws:kms:dsse", key_id: send.key_arn},
    }
    writers = {
        names.pipeline_role: artifact_key(names),
        names.state_machine_role: names.evaluation_key("execution"),
        names.training_role: names.model_key(job_name(names)),
    }
    for writer, key in writers.items():
        who = writer.rsplit("/", 1)[-1]
        for words, context in headers.items():
            request = send.call(writer, "s3:PutObject", names.object_arn(key), names.shared, context)
            yield Attack("Uploads", f"{who} uploads {words}", request)
        proper = send.write(writer, key)
        plain = replace(proper, context={**proper.context, "aws:SecureTransport": "false"})
        yield Attack("Uploads", f"{who} uploads over plain HTTP", plain)
    plain_read = send.read(names.training_role, names.channel_key(DATASET, "train"))
    yield Attack(
        "Uploads",
        "data is read over plain HTTP",
        replace(plain_read, context={**plain_read.context, "aws:SecureTransport": "false"}),
    )


def _beyond_the_job(config: Config, send: Sender) -> Iterator[Attack]:
    """Our own roles beyond their part of the bucket."""
    names = send.names
    places = {
        "data": names.channel_key(DATASET, "train"),
        "the manifest": names.manifest_key,
        "models": names.model_key(job_name(names)),
        "evaluations": f"{EVALUATIONS_PREFIX}/execution.json",
        "artifacts": artifact_key(names),
    }
    writes = {names.pipeline_role: "artifacts", names.state_machine_role: "evaluations", names.training_role: "models"}
    everyone = roles(config, send.key_arn)
    for role in everyone:
        for words, key in places.items():
            if writes.get(role.arn) != words:
                yield Attack("Beyond the job", f"{role.name} writes {words}", send.write(role.arn, key))
            yield Attack("Beyond the job", f"{role.name} deletes {words}", send.read(role.arn, key, "s3:DeleteObject"))
    for target in config.accounts.production:
        for words in ("data", "the manifest", "evaluations", "artifacts"):
            for reader in (names.endpoint_role(target), names.deploy_function_role(target)):
                who = reader.rsplit("/", 1)[-1]
                yield Attack(
                    "Beyond the job", f"{who} of {target.name} reads {words}", send.read(reader, places[words])
                )
        models = names.object_arn(f"{MODELS_PREFIX}/")
        yield Attack(
            "Beyond the job",
            f"the function of {target.name} reads models",
            send.call(
                names.deploy_function_role(target), "s3:GetObject", f"{models}job/output/model.tar.gz", names.shared
            ),
        )


def _role_assumption(send: Sender, made: tuple[RoleDocument, ...], config: Config) -> Iterator[Attack]:
    """Every role into every other, but the intended."""
    names = send.names
    intended = {
        (names.pipeline_role, names.train_action_role),
        *((names.pipeline_role, names.deploy_action_role(target)) for target in config.accounts.production),
        *((names.deploy_function_role(target), names.job_result_role) for target in config.accounts.production),
    }
    for role in made:
        for other in made:
            if role.arn != other.arn and (role.arn, other.arn) not in intended:
                yield Attack(
                    "Role assumption", f"{role.name} assumes {other.name}", send.assume_from(role.arn, other.arn)
                )


def _confused_deputies(send: Sender, made: tuple[RoleDocument, ...]) -> Iterator[Attack]:
    """A service that acts for a foreign account and says so, and services that have no business with a role."""
    region = send.names.region
    foreign_source = {
        "codepipeline.amazonaws.com": send.names.arn("codepipeline", FOREIGN_ACCOUNT, "any"),
        "events.amazonaws.com": send.names.arn("events", FOREIGN_ACCOUNT, "rule/any"),
        "cloudformation.amazonaws.com": send.names.arn("cloudformation", FOREIGN_ACCOUNT, "stack/any/id"),
        "states.amazonaws.com": send.names.arn("states", FOREIGN_ACCOUNT, "stateMachine:any"),
        "lambda.amazonaws.com": send.names.arn("lambda", FOREIGN_ACCOUNT, "function:any"),
    }
    for role in made:
        for service in sorted(set(SERVICE_ROLES.values())):
            trusted = SERVICE_ROLES.get(role.job) == service
            if trusted:
                source = foreign_source.get(service) or (
                    send.names.arn("sagemaker", FOREIGN_ACCOUNT, "training-job/any")
                    if role.job == "training"
                    else f"arn:{send.names.partition}:sagemaker:{region}:{FOREIGN_ACCOUNT}:*"
                )
                context = {"aws:SourceAccount": FOREIGN_ACCOUNT, "aws:SourceArn": source}
                words = f"{service} assumes {role.name} for a foreign account"
            else:
                context = {"aws:SourceAccount": role.account}
                words = f"{service} assumes {role.name}"
            yield Attack("Confused deputy", words, send.assume(service, role.arn, context))


def _key(config: Config, send: Sender, made: tuple[RoleDocument, ...]) -> Iterator[Attack]:
    """Use of the key by others than the exact roles, past S3, for another bucket; its administration by any of
    our roles.
    """
    names = send.names
    users = {
        hop.request.principal.role_arn for hop in hops(config, send.key_arn) if hop.request.action.startswith("kms:")
    }
    for role in made:
        for action in ADMINISTRATION:
            if action != "kms:DescribeKey":
                yield Attack("Key", f"{role.name}: {action}", send.key(role.arn, action))
        for action in ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt", "kms:CreateGrant"):
            yield Attack("Key", f"{role.name}: {action} past S3", send.key(role.arn, action))
            through = send.key_through_s3(role.arn, action)
            other_bucket = {
                **through.context,
                "kms:EncryptionContext:aws:s3:arn": f"arn:{names.partition}:s3:::another-bucket",
            }
            yield Attack("Key", f"{role.name}: {action} for another bucket", replace(through, context=other_bucket))
            other_service = {**through.context, "kms:ViaService": service_host("sqs", names.region)}
            yield Attack(
                "Key", f"{role.name}: {action} through another service", replace(through, context=other_service)
            )
            if role.arn not in users:
                yield Attack("Key", f"{role.name}: {action} through S3", through)


def _passing_roles(config: Config, send: Sender, made: tuple[RoleDocument, ...]) -> Iterator[Attack]:
    """Any role of the same account to any service, but the intended role to the intended service."""
    names = send.names
    intended = {
        (names.train_action_role, names.cloudformation_role, "cloudformation.amazonaws.com"),
        (names.cloudformation_role, names.state_machine_role, "states.amazonaws.com"),
        (names.state_machine_role, names.training_role, "sagemaker.amazonaws.com"),
        *(
            (names.deploy_function_role(target), names.endpoint_role(target), "sagemaker.amazonaws.com")
            for target in config.accounts.production
        ),
    }
    services = sorted({*SERVICE_ROLES.values(), "ec2.amazonaws.com"})
    for role in made:
        for passed in made:
            if passed.account != role.account:
                continue
            for service in services:
                if (role.arn, passed.arn, service) not in intended:
                    yield Attack(
                        "Passing roles",
                        f"{role.name} passes {passed.name} to {service}",
                        send.pass_role(role.arn, passed.arn, service),
                    )
