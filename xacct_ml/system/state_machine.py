"""The state machine's definition, as text with ``${Parameter}`` places that CloudFormation fills.

What it does: checks that it is the definition of this run's commit, reads the version of the data manifest that the run
trains on, and trains on exactly the objects that it names. Sources: Step Functions Developer Guide (connect-sagemaker,
supported-services-awssdk, amazon-states-language-fail-state, …-paths). Parameters of SDK integrations are the API's
names in PascalCase as the Java SDK v2 spells them.

Reading the manifest is asked for again where it fails: a passing fault there is none of the run's. Training is not: a
job's name can be used once. The job has only fields that deployed state machines and the guide show in this
integration, which has a list of its own (aws-cdk #10014, amazon-sagemaker-examples #4492) [C]: neither RetryStrategy
nor ProfilerConfig. Without an S3OutputPath the profiler writes nothing [U]."""

import json
import re
from functools import cache
from importlib import resources

from xacct_ml.config.model import Config
from xacct_ml.system.bucket_layout import MODELS_PREFIX
from xacct_ml.system.names import Names


def definition_text(config: Config) -> str:
    """The definition with its places, as JSON text for ``Fn::Sub``.

    Places that stand for numbers, for the inside of an object or for a member that is not always there are not quoted;
    with the places filled, it is JSON."""
    names = Names(config)
    text = _document()
    words = (("partition", names.partition), ("models", MODELS_PREFIX))
    for word, value in words:
        text = text.replace(f"<{word}>", value)
    definition = json.loads(text)
    job = definition["States"]["Train"]["Parameters"]
    job["Tags"] = [{"Key": key, "Value": value} for key, value in names.template_tags("${PipelineArn}").items()]
    text = re.sub(r'"@(\w+)@": "@",\s*', r"${\1}", json.dumps(definition, indent=2))
    return re.sub(r'"@(\w+)@"', r"${\1}", text).replace('"@{HyperParameters}@"', "{${HyperParameters}}")


@cache
def _document() -> str:
    """The definition, with ``"@Parameter@"`` for a place that is not quoted, as a member's name for a whole member, and
    words in angle brackets for what is of the map's: the partition and the prefixes of keys."""
    return resources.files("xacct_ml.system").joinpath("data", "state_machine.asl.json").read_text(encoding="utf-8")
