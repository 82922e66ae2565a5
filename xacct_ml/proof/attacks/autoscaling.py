"""Attacks by way of auto scaling: other things that can be scaled, other endpoints, the alarm that rolls back."""

from collections.abc import Iterator

from xacct_ml.access.model import ContextValue
from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.attacks.intruder import Attack, administrators
from xacct_ml.proof.requests.autoscaling import OF_VARIANT, SERVICE_NAME, scalable_target, scaling_alarm
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.world import World
from xacct_ml.system.statements import actions

SCALING = "Scaling beyond the endpoint"
_WRITES = actions("application-autoscaling", "RegisterScalableTarget PutScalingPolicy DeregisterScalableTarget")
_NAMESPACE, _DIMENSION = OF_VARIANT


def scaling_attacks(world: World) -> Iterator[Attack]:
    """None where the map scales nothing."""
    if world.config.endpoint.autoscaling is None:
        return
    for target in world.names.production:
        send = world.send.in_region(world.names.region_of(target))
        yield from _by_the_function(send, target)
        yield from _by_others(world, send, target)


def _by_the_function(send: RequestBuilder, target: ProductionTarget) -> Iterator[Attack]:
    names, role, scaled = send.names, send.names.deploy_function_role(target), scalable_target(send.names, target)
    others: dict[str, dict[str, ContextValue]] = {
        "tables": {**OF_VARIANT, _NAMESPACE: "dynamodb"},
        "copies of inference components": {**OF_VARIANT, _DIMENSION: "sagemaker:inference-component:DesiredCopyCount"},
        "what it does not say": {},
    }
    who = f"the function of {target.name}"
    for words, context in others.items():
        for action in _WRITES:
            yield Attack(SCALING, f"{who}: {action} of {words}", send.call(role, action, scaled, context))
    other = names.target_arn(target, "sagemaker", "endpoint/other")
    changed = send.call(role, "sagemaker:UpdateEndpointWeightsAndCapacities", other)
    yield Attack(SCALING, f"{who} changes how many instances another endpoint has", changed)
    for action in actions("cloudwatch", "DeleteAlarms PutMetricAlarm"):
        for words, alarm in (
            ("the alarm that rolls back", names.error_alarm_arn(target)),
            ("another alarm", names.target_arn(target, "cloudwatch", "alarm:other")),
        ):
            yield Attack(SCALING, f"{who}: {action} of {words}", send.call(role, action, alarm))
    role_of_service, anyone = names.scaling_service_role(target), {"iam:AWSServiceName": "elasticache.amazonaws.com"}
    made = send.call(role, "iam:CreateServiceLinkedRole", role_of_service, anyone)
    yield Attack(SCALING, f"{who} makes another service's role", made)
    other_role = names.arn("iam", target.id, "role/aws-service-role/elasticache.amazonaws.com/Other", region="")
    made = send.call(role, "iam:CreateServiceLinkedRole", other_role, SERVICE_NAME)
    yield Attack(SCALING, f"{who} makes a service's role of another name", made)


def _by_others(world: World, send: RequestBuilder, target: ProductionTarget) -> Iterator[Attack]:
    names, scaled, alarm = send.names, scalable_target(send.names, target), scaling_alarm(send.names, target)
    for role in world.roles:
        if role.arn != names.deploy_function_role(target):
            for action in _WRITES:
                what = f"{role.name} of {role.account}: {action} in {target.name}"
                yield Attack(SCALING, what, send.call(role.arn, action, scaled, OF_VARIANT))
            deleted = send.call(role.arn, "cloudwatch:DeleteAlarms", alarm)
            yield Attack(SCALING, f"{role.name} of {role.account} deletes the alarms of {target.name}", deleted)
    for group, intruder in administrators(names, but=target.id):
        for action in _WRITES:
            yield Attack(group, f"{action} in {target.name}", send.call(intruder, action, scaled, OF_VARIANT))
