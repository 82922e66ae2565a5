"""What the account map may say about regions: the pipeline's and those of production targets."""

from collections.abc import Iterator, Sequence

from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.config.problem import Path, Problem, at, dotted, suggestion
from xacct_ml.system.names import Names
from xacct_ml.tables import service_limits as rules
from xacct_ml.tables.regions import REGIONS, WITHOUT_CODEPIPELINE, XGBOOST_REGISTRIES, partition
from xacct_ml.validation.described import longest_job


def problems(config: Config) -> Iterator[Problem]:
    """Everything about regions that a service would refuse, or that contradicts itself."""
    if fault := _without_image(config.region, sorted(XGBOOST_REGISTRIES)):
        yield Problem(("region",), fault)
    yield from _targets_apart(config)
    if config.region not in REGIONS:
        return
    usable: dict[str, Path] = {}
    for index, target in enumerate(config.accounts.production):
        path: Path = ("accounts", "production", index, "region")
        region = target.region
        if region is None or region == config.region:
            continue
        fault = _fault(config, region)
        if fault is None:
            usable.setdefault(region, path)
        else:
            yield from at(path, fault)
    for region, path in usable.items():
        for reason in _names(config, region):
            yield from at(path, reason)
    for index, target in enumerate(config.accounts.production):
        if target.name in {Names(config).copy_action(region) for region in usable}:
            reason = f"{target.name!r} is the name of the action that copies models there; give the target another"
            yield Problem(("accounts", "production", index, "name"), reason)


def _fault(config: Config, region: str) -> str | None:
    """Why no endpoint of this map can be in a region."""
    where = partition(config.region)
    allowed = [one for one in sorted(XGBOOST_REGISTRIES) if partition(one) == where and one not in WITHOUT_CODEPIPELINE]
    ending = f"allowed: {', '.join(allowed)}"
    if region in REGIONS and partition(region) != where:
        return f"{region} is in partition {partition(region)}, region {config.region} in {where}; {ending}"
    if region in XGBOOST_REGISTRIES and region in WITHOUT_CODEPIPELINE:
        return f"CodePipeline, which has no actions in regions that it is not in, is not in {region}; {ending}"
    return _without_image(region, allowed)


def _without_image(region: str, allowed: Sequence[str]) -> str | None:
    ending = f"allowed: {', '.join(allowed)}"
    if region not in REGIONS:
        return f"unknown region {region!r}{suggestion(region, allowed)} {ending}"
    if region not in XGBOOST_REGISTRIES:
        return f"no SageMaker XGBoost image is known in region {region!r}; {ending}"
    return None


def _names(config: Config, region: str) -> Iterator[str]:
    """Why a name that ends with the region is refused."""
    names = Names(config)
    bucket, role = names.bucket_in(region), names.role_name(longest_job(config), region)
    if not rules.ACCOUNT_ID.fault(names.shared) and (fault := rules.bucket_name_fault(bucket)):
        yield f"the region's bucket would be {bucket}, which {fault}; shorten bucket.name or project"
    if len(role) > rules.ROLE_NAME.maximum:
        over = len(role) - rules.ROLE_NAME.maximum
        yield (
            f"with it the role name {role!r} has {len(role)} characters; shorten roles.name_prefix or project by {over}"
        )


def _targets_apart(config: Config) -> Iterator[Problem]:
    """At most one target per account and region, and one way to get credentials for each account."""
    places: dict[tuple[str, str], str] = {}
    ways: dict[str, tuple[str, ProductionTarget]] = {}
    for index, target in enumerate(config.accounts.production):
        place: Path = ("accounts", "production", index)
        where, region = dotted(place), target.region or config.region
        first = places.setdefault((target.id, region), where)
        if first != where:
            both = f"both are in {region}: give each target its own account or region"
            reason = f"{where}.id is {target.id} like {first}.id, and {both}"
            yield Problem((*place, "id"), reason)
        known, other = ways.setdefault(target.id, (where, target))
        for member in ("profile", "role_arn", "external_id"):
            if getattr(other, member) != getattr(target, member):
                reason = f"{where}: {member} is not {known}'s, and both are account {target.id}; make them the same"
                yield Problem(place, reason)
                break
