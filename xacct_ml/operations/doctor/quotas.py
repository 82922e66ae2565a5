"""Whether the accounts' quotas are enough for the instances of a training job, for a batch transform and for twice the
instances of an endpoint, the most that it may have.

Two transforms of a run wait for each other where only one gets an instance. An update makes a second fleet before it
takes the first away (SageMaker Developer Guide, deployment-guardrails-blue-green) [D]. Quotas are named as in
SageMaker's own refusals, "ml.m5.xlarge for training job usage" [C]. What is in use already is not looked at."""

from collections.abc import Iterator
from functools import partial

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.pages import listed
from xacct_ml.config.model import Config
from xacct_ml.operations.doctor.check import EVERY_ACCOUNT, Check, Finding, Subject, failed, ok, unknown
from xacct_ml.resources.rights import Rights, anything
from xacct_ml.system.names import SCORING_INSTANCE_TYPE, Names

RIGHTS = {EVERY_ACCOUNT: (Rights("doctor/Look", "servicequotas: ListServiceQuotas", on=(anything,)),)}

CALL = "servicequotas:ListServiceQuotas"


def checks(subject: Subject) -> Iterator[Check]:
    """One look for each account and region: SageMaker has so many quotas that listing them takes some seconds."""
    for (account, region), needed in wanted(subject.config).items():
        yield Check("SageMaker's quotas", account, region, CALL, partial(_look, account, region, needed))


def wanted(config: Config) -> dict[tuple[str, str], dict[str, int]]:
    """Account and region to the names of quotas and how much of them the project needs at once.

    What a candidate is tested on before it has traffic is one instance beside those that serve, so no more than an
    update takes."""
    names, training, endpoint = Names(config), config.training, config.endpoint
    allowed = training.allowed_or_own
    scoring = {f"{SCORING_INSTANCE_TYPE} for transform job usage": 1}
    found: dict[tuple[str, str], dict[str, int]] = {(names.training, names.region): scoring}
    for type_ in dict.fromkeys((training.instance_type, *allowed.instance_types)):
        count = training.instance_count if type_ == training.instance_type else 1
        usage = "spot training job usage" if training.spot else "training job usage"
        found[names.training, names.region][f"{type_} for {usage}"] = count
    if endpoint.instance_type is not None and endpoint.instance_count is not None:
        for target in names.production:
            of_place = found.setdefault((target.id, names.region_of(target)), {})
            most = endpoint.instance_count if endpoint.autoscaling is None else endpoint.autoscaling.max
            of_place[f"{endpoint.instance_type} for endpoint usage"] = 2 * most
    if (batch := config.batch) is not None and (predicts := names.batch_target) is not None:
        of_place = found.setdefault((predicts.id, names.region_of(predicts)), {})
        of_place[f"{batch.instance_type} for transform job usage"] = batch.instance_count
    return found


def _look(account: str, region: str, needed: dict[str, int], accounts: Clients) -> Finding:
    quotas = accounts.client(account, "service-quotas", region)
    there: dict[str, float] = {}
    for quota in listed(quotas, "list_service_quotas", "Quotas", ServiceCode="sagemaker"):
        if quota["QuotaName"] in needed:
            there[quota["QuotaName"]] = float(quota["Value"])
        if len(there) == len(needed):
            break
    return judge(needed, there, account, region)


def judge(needed: dict[str, int], there: dict[str, float], account: str, region: str) -> Finding:
    short = [
        f"{name} is {there[name]:g}, needed are {count}"
        for name, count in needed.items()
        if name in there and there[name] < count
    ]
    if short:
        return failed(
            "; ".join(short),
            f"ask for more: Service Quotas, Amazon SageMaker, in account {account} and region {region}",
        )
    if missing := [name for name in needed if name not in there]:
        return unknown(f"Service Quotas lists no {' and no '.join(missing)}")
    return ok("; ".join(f"{name}: {there[name]:g}, needed are {count}" for name, count in needed.items()))
