"""The order in which production targets get an approved model: the map's waves, or one wave of all targets."""

from dataclasses import dataclass

from xacct_ml.config.model import Config, ProductionTarget

APPROVE_STAGE = "Approve"
DEPLOY_STAGE = "Deploy"


@dataclass(frozen=True)
class DeploymentWave:
    """Targets that are deployed to side by side, in the map's order, after everything of the waves before.

    ``name`` is None for the one wave of a map that names none; its stages have no wave in their names."""

    name: str | None
    targets: tuple[ProductionTarget, ...]
    approval: bool

    @property
    def approve_stage(self) -> str | None:
        """The pipeline's stage in which a person decides; None where nobody is asked."""
        return self._stage(APPROVE_STAGE) if self.approval else None

    @property
    def deploy_stage(self) -> str:
        return self._stage(DEPLOY_STAGE)

    def _stage(self, kind: str) -> str:
        return kind if self.name is None else f"{kind}-{self.name}"


def waves(config: Config) -> tuple[DeploymentWave, ...]:
    """In the order of a run; every production target is in exactly one (:mod:`xacct_ml.validation.wave_limits`)."""
    if not config.waves:
        return (DeploymentWave(None, config.accounts.production, True),)
    by_name = {target.name: target for target in config.accounts.production}
    return tuple(
        DeploymentWave(wave.name, tuple(by_name[name] for name in wave.targets), wave.approval) for wave in config.waves
    )


def wave_of_stage(config: Config, stage: str) -> DeploymentWave | None:
    """The wave that a stage of the pipeline asks about or deploys; None for a stage before the waves."""
    return next((wave for wave in waves(config) if stage in (wave.approve_stage, wave.deploy_stage)), None)
