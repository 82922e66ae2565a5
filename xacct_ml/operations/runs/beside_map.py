"""What a run was made of and judged by that the map has otherwise.

Its gate and hyperparameters are those of configuration.json at its commit. A reader of the map alone would take them
for the map's."""

from collections.abc import Mapping

from xacct_ml.config.model import Config
from xacct_ml.evidence.record import Record
from xacct_ml.operations.source_state import Difference, differences
from xacct_ml.system.template import gate_direction
from xacct_ml.tables.xgboost_hyperparameters import text


def beside_map(config: Config, record: Record | None) -> tuple[Difference, ...]:
    """Gate first. Hyperparameters only where the record has any: one of an earlier release has none."""
    if record is None:
        return ()
    gate = config.quality_gate
    judged = {
        "gate metric": record.gate.metric,
        "gate threshold": text(record.gate.threshold),
        "gate direction": record.gate.direction,
    }
    meant = {
        "gate metric": gate.metric,
        "gate threshold": text(gate.threshold),
        "gate direction": gate_direction(config),
    }
    return (*differences(meant, judged), *_trained(config, record.hyperparameters))


def _trained(config: Config, used: Mapping[str, str]) -> tuple[Difference, ...]:
    meant = {name: text(value) for name, value in config.training.hyperparameters.items()}
    return differences(meant, used) if used else ()
