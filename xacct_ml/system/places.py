"""The map's accounts, regions and roles: where everything is, and as whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.tables.regions import dns_suffix, partition


class Derived:
    """A name or ARN that is put together from others; read as an attribute."""

    def __init__(self, put_together: Callable[[Any], str]) -> None:
        self._put_together = put_together

    def __get__(self, names: Places, _: type[Places] | None = None) -> str:
        return self._put_together(names)


@dataclass(frozen=True)
class Places:
    """What :class:`~xacct_ml.system.names.Names` puts all other names together from."""

    config: Config

    # -- where ---------------------------------------------------------------------------------------------------
    region = Derived(lambda names: names.config.region)

    @cached_property
    def partition(self) -> str:
        return partition(self.config.region)

    @cached_property
    def dns_suffix(self) -> str:
        return dns_suffix(self.config.region)

    project = Derived(lambda names: names.config.project)
    shared = Derived(lambda names: names.config.accounts.shared.id)
    """Id of the shared account (A)."""

    training = Derived(lambda names: names.config.accounts.training.id)
    """Id of the training account (B)."""

    @property
    def source_account(self) -> str | None:
        """Id of the source account (S); None where the shared account owns the repository."""
        account = self.config.accounts.source
        return None if account is None else account.id

    repository_account = Derived(lambda names: names.source_account or names.shared)
    """Id of the account that owns the CodeCommit repository: S, or else A."""

    @property
    def production(self) -> tuple[ProductionTarget, ...]:
        """The production targets (C), in the map's order."""
        return self.config.accounts.production

    @property
    def accounts(self) -> tuple[str, ...]:
        """Ids of all accounts of the map, each once, in the order of :func:`named_accounts`."""
        return tuple(dict.fromkeys(account.id for _, account in named_accounts(self.config)))

    @property
    def everywhere(self) -> tuple[tuple[str, str], ...]:
        """Account and region of everything that the project has, each once."""
        ours = [(account, self.region) for account in (self.shared, self.repository_account, self.training)]
        ours += [(self.shared, region) for region in self.other_regions]
        return tuple(dict.fromkeys((*ours, *((target.id, self.region_of(target)) for target in self.production))))

    def region_of(self, target: ProductionTarget) -> str:
        """Where a target's endpoint is, and all that belongs to it."""
        return target.region or self.region

    def elsewhere(self, target: ProductionTarget) -> str | None:
        """A target's region, where that is another than the pipeline's."""
        region = self.region_of(target)
        return None if region == self.region else region

    @cached_property
    def other_regions(self) -> tuple[str, ...]:
        """The targets' regions but the pipeline's, each once, in the map's order."""
        found = dict.fromkeys(self.region_of(target) for target in self.production)
        return tuple(region for region in found if region != self.region)

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Every region of the project, the pipeline's first."""
        return (self.region, *self.other_regions)

    def target_at(self, account: str, region: str | None) -> ProductionTarget | None:
        """The production target there, in the pipeline's region where none is given."""
        here = region or self.region
        return next((each for each in self.production if (each.id, self.region_of(each)) == (account, here)), None)

    def targets_in(self, region: str) -> tuple[ProductionTarget, ...]:
        return tuple(target for target in self.production if self.region_of(target) == region)

    def arn(self, service: str, account: str, resource: str, *, region: str | None = None) -> str:
        return f"arn:{self.partition}:{service}:{self.region if region is None else region}:{account}:{resource}"

    def account_root(self, account: str) -> str:
        return self.arn("iam", account, "root", region="")

    # -- roles ---------------------------------------------------------------------------------------------------
    def role_name(self, job: str, region: str | None = None) -> str:
        """Roles are one set for all regions of an account: what serves another region than the pipeline's ends with
        it."""
        elsewhere = "" if region in (None, self.region) else f"-{region}"
        return f"{self.config.roles.name_prefix}{self.project}-{job}{elsewhere}"

    def role_arn(self, account: str, job: str, region: str | None = None) -> str:
        return self.arn("iam", account, f"role{self.config.roles.path}{self.role_name(job, region)}", region="")

    def job_of(self, role_name: str) -> str | None:
        """The job of a role by its name, whatever region it serves; None for a role that is not the project's."""
        prefix = self.role_name("")
        if not role_name.startswith(prefix):
            return None
        job = role_name.removeprefix(prefix)
        return next((job.removesuffix(f"-{one}") for one in self.other_regions if job.endswith(f"-{one}")), job)

    def part(self, account: str, region: str | None = None) -> str:
        """What an account is in the map; a production target's name, in the pipeline's region where none is given."""
        where = region or self.region
        of_targets = {(target.id, self.region_of(target)): target.name for target in self.production}
        others = {self.training: "training", self.repository_account: "source", self.shared: "shared"}
        return others.get(account) or of_targets[account, where]

    def boundary_arn(self, account: str) -> str | None:
        name = self.config.roles.permissions_boundary
        return None if name is None else self.arn("iam", account, f"policy/{name.lstrip('/')}", region="")

    pipeline_role = Derived(lambda names: names.role_arn(names.shared, "pipeline"))
    job_result_role = Derived(lambda names: names.role_arn(names.shared, "job-result"))
    start_role = Derived(lambda names: names.role_arn(names.shared, "start"))
    copy_role = Derived(lambda names: names.role_arn(names.shared, "copy-model"))
    registry_role = Derived(lambda names: names.role_arn(names.shared, "registry"))
    """Only where models are registered."""

    schedule_function_role = Derived(lambda names: names.role_arn(names.shared, "schedule-function"))
    """Only where the map has a schedule, as the next."""

    scheduler_role = Derived(lambda names: names.role_arn(names.shared, "scheduler"))

    judge_role = Derived(lambda names: names.role_arn(names.shared, "judge"))
    evidence_role = Derived(lambda names: names.role_arn(names.training, "evidence"))
    scorer_role = Derived(lambda names: names.role_arn(names.training, "scorer"))
    scoring_role = Derived(lambda names: names.role_arn(names.training, "scoring"))
    train_action_role = Derived(lambda names: names.role_arn(names.training, "train-action"))
    cloudformation_role = Derived(lambda names: names.role_arn(names.training, "cloudformation"))
    state_machine_role = Derived(lambda names: names.role_arn(names.training, "state-machine"))
    training_role = Derived(lambda names: names.role_arn(names.training, "training"))

    @property
    def approver_role(self) -> str | None:
        """The map's role of whoever approves; None where the operators do."""
        return None if self.config.approvers is None else self.config.approvers.role_arn

    def deploy_action_role(self, target: ProductionTarget) -> str:
        return self.role_arn(target.id, "deploy-action", self.region_of(target))

    def deploy_function_role(self, target: ProductionTarget) -> str:
        return self.role_arn(target.id, "deploy-function", self.region_of(target))

    def endpoint_role(self, target: ProductionTarget) -> str:
        return self.role_arn(target.id, "endpoint", self.region_of(target))

    @property
    def batch_target(self) -> ProductionTarget | None:
        """Whose model predicts files; None where the map has no ``batch``, or a target that it does not have."""
        batch = self.config.batch
        if batch is None:
            return None
        return next((target for target in self.production if batch.target in (None, target.name)), None)

    def batch_role(self, target: ProductionTarget) -> str:
        return self.role_arn(target.id, "batch", self.region_of(target))
