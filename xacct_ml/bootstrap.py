"""``bootstrap``: everything but the pipeline and its rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xacct_ml.blueprint import bootstrap_resources
from xacct_ml.config.model import Config
from xacct_ml.engine.apply import apply
from xacct_ml.engine.events import OnEvent, Report
from xacct_ml.repository import ConfigurationState, compare_configuration

if TYPE_CHECKING:
    from xacct_ml.aws.accounts import Clients


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """``configuration`` is compared only where nothing failed; the repository's file is never written again."""

    report: Report
    configuration: ConfigurationState


def bootstrap(config: Config, accounts: Clients, on_event: OnEvent) -> Bootstrapped:
    """Create what is missing, change what differs, leave the rest. Failures are in the report, not raised."""
    report = apply(bootstrap_resources(config, accounts), on_event)
    return Bootstrapped(report, compare_configuration(config, accounts) if report.ok else ConfigurationState())
