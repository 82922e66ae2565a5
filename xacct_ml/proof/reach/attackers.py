"""Who is tried with everything in reach, beside those whose attacks must be denied at once: the operators of each
account, and whoever pushes to the repository."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from xacct_ml.access.documents_store import DocumentStore, RolePolicies
from xacct_ml.access.model import Principal
from xacct_ml.access.policy import Policy
from xacct_ml.proof.actions import filled, service_actions
from xacct_ml.proof.attacks.intruder import Attack, intruder_of, with_intruders
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.proof.reach.decisions import Holder, operators
from xacct_ml.proof.reach.steps import pusher
from xacct_ml.proof.requests.samples import UNRELATED
from xacct_ml.proof.world import World
from xacct_ml.system.names import Names
from xacct_ml.system.statements import actions, grant, policy
from xacct_ml.tables.regions import service_host

OF_OTHERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("iam", "user"): actions("iam", "CreateAccessKey"),
    ("iam", "role"): actions("iam", "UpdateAssumeRolePolicy PutRolePolicy AttachRolePolicy PassRole"),
    ("sts", "role"): actions("sts", "AssumeRole"),
    ("kms", "key"): actions("kms", "PutKeyPolicy ScheduleKeyDeletion DisableKey Decrypt"),
    ("s3", "bucket"): actions("s3", "PutBucketPolicy DeleteBucket"),
    ("s3", "object"): actions("s3", "GetObject PutObject DeleteObject"),
    ("lambda", "function"): actions("lambda", "UpdateFunctionCode InvokeFunction DeleteFunction"),
    ("codepipeline", "pipeline"): actions("codepipeline", "UpdatePipeline DeletePipeline StartPipelineExecution"),
    ("codecommit", "repository"): actions("codecommit", "GitPush CreateCommit DeleteRepository"),
    ("cloudformation", "stack"): actions("cloudformation", "UpdateStack DeleteStack"),
    ("states", "statemachine"): actions("states", "UpdateStateMachine StartExecution"),
    ("sagemaker", "endpoint"): actions("sagemaker", "UpdateEndpoint DeleteEndpoint"),
}
"""What in its own account an operator has no business with. The first is what only an administrator can."""

_CONTEXTS = {"iam:PassRole": {"iam:PassedToService": "lambda.amazonaws.com"}}


def with_attackers(world: World) -> DocumentStore:
    """The world's policies, the intruders and operators, and one key and role of others in each account: the key with
    the policy that KMS gives it, the role with the trust that the console proposes (KMS Developer Guide,
    key-policy-default; IAM User Guide, id_roles_create_for-user) [D]."""
    store = with_intruders(world.names, world.store)
    for operator in operators(world):
        given = world.operators[operator.account]
        policies = tuple(Policy.parse(document, f"operator/{name}") for name, document in given.items())
        store = store.with_principal(operator.arn, policies)
    for account in world.names.accounts:
        root = {"AWS": world.names.account_root(account)}
        trusted = Policy.parse(policy(grant("Account", root, "sts:AssumeRole", [])), "trust of others")
        store = store.with_role(_of_others(world.names, account, "iam", "role"), RolePolicies(trusted))
        default = Policy.parse(policy(grant("Account", root, "kms:*", "*")), "key policy of others")
        store = store.with_resource(_of_others(world.names, account, "kms", "key"), default)
    return store


def further_attacks(world: World, attacks: Iterable[Attack]) -> Iterator[tuple[Holder, Attack]]:
    """``attacks`` are those that must be denied: what the foreign account's administrator asks for there, operators and
    pushers ask for here. Some of it is theirs to do."""
    foreign = intruder_of(world.names, FOREIGN_ACCOUNT)
    asked = [attack for attack in attacks if attack.request.principal.role_arn == foreign]
    for holder, group in {pusher(world): "Who pushes to the repository", **_operators(world)}.items():
        yield from ((holder, _by(holder, group, attack)) for attack in asked)


def attacks_on_others(world: World) -> Iterator[tuple[Holder, Attack]]:
    """None of which is an operator's to do."""
    for holder, group in _operators(world).items():
        yield from ((holder, attack) for attack in _on_others(world, holder, group))


def _operators(world: World) -> dict[Holder, str]:
    names = world.names
    words = {
        **{target.id: f"production account {target.name}" for target in names.production},
        **({} if names.source_account is None else {names.source_account: "the source account"}),
        names.training: "the training account",
        names.shared: "the shared account",
    }
    return {holder: f"The operator of {words[holder.account]}" for holder in operators(world)}


def _by(holder: Holder, group: str, attack: Attack) -> Attack:
    asked = replace(attack.request, principal=Principal.session(holder.arn, "reach"))
    return Attack(group, attack.what, asked)


def _on_others(world: World, holder: Holder, group: str) -> Iterator[Attack]:
    through_s3 = {"kms:ViaService": service_host("s3", world.names.region)}
    for (service, kind), asked in OF_OTHERS.items():
        resource = _of_others(world.names, holder.account, service, kind)
        for action in asked:
            context = {**_CONTEXTS, "kms:Decrypt": through_s3}.get(action, {})
            request = world.send.call(holder.arn, action, resource, context, account=holder.account)
            yield Attack(group, f"{action} on a {kind} of others", request)


def _of_others(names: Names, account: str, service: str, kind: str) -> str:
    template = service_actions().templates[service, kind]
    return filled(template, names.partition, names.region, account, f"{UNRELATED}-{account}")


def attacker_of(attack: Attack, intruders: Iterable[str]) -> Holder | None:
    """Who attacks; None for services, which become nobody else."""
    arn = attack.request.principal.role_arn
    return None if arn is None else Holder(arn, everything=arn in intruders)
