"""The text of a first map: what was answered, with comments, and what one is likely to change next."""

import json
from collections.abc import Iterator

from xacct_ml.operations.init.answers import PREDICTIONS, Answers, Way

SCHEMA_NAME = "config.schema.json"


def text(answers: Answers) -> str:
    """YAML; nothing in it but what the answers' own rules let through."""
    return "\n".join(_lines(answers)) + "\n"


def _lines(given: Answers) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={SCHEMA_NAME}"
    yield "# The account map of xacct-ml. All fields: docs/map.md, and xacct-ml init --example -c all.yaml"
    yield "\n# Begins the name of everything that is made."
    yield f"project: {given.project}"
    yield f"region: {given.region}"
    yield "\n# Each id is checked before anything else. profile: of your AWS configuration. role_arn: a role to assume."
    yield "accounts:"
    yield from _account("shared", given.shared, "key, bucket and pipeline; the repository too")
    yield from _account("training", given.training, "trains the model")
    yield "  production:               # serve the model; several targets may follow each other in waves"
    for number, way in enumerate(given.production):
        yield f"    - name: {'production' if number == 0 else f'production-{number + 1}'}"
        yield from (f"      {line}" for line in _way(way))
    yield from _model(given)
    yield "\nendpoint:"
    yield "  instance_type: ml.m5.large  # costs as long as it is up, asked or not: xacct-ml plan estimates it"
    yield "  instance_count: 1"
    yield "  # serverless: {}            # instead of instances: costs when it is asked"
    yield from _source(given)


def _account(name: str, way: Way, what: str) -> Iterator[str]:
    yield f"  {name + ':':25} # {what}"
    yield from (f"    {line}" for line in _way(way))


def _way(way: Way) -> Iterator[str]:
    yield f'id: "{way.account}"'
    if way.profile:
        yield f"profile: {json.dumps(way.profile)}"
    if way.role:
        yield f"role_arn: {json.dumps(way.role)}"
        yield "# external_id: a-secret-of-ours   # where the role's trust policy asks for one"
    if not way.profile and not way.role:
        yield "# profile: my-profile             # without it, the credentials of the environment are used"


def _model(given: Answers) -> Iterator[str]:
    objective, metric, _ = PREDICTIONS[given.predict]
    yield "\n# From the first commit on, the ML team has these and the gate in the repository's configuration.json."
    yield "training:"
    yield "  instance_type: ml.m5.large"
    yield "  hyperparameters:"
    yield f"    objective: {objective}"
    if given.classes:
        yield f"    num_class: {given.classes}"
    yield "    num_round: 100"
    yield f"    eval_metric: {metric}     # what the gate judges"
    yield "\n# A model that misses it is not offered for approval. The repository may ask for more, never for less."
    yield "quality_gate:"
    yield f"  metric: validation:{metric}"
    yield f"  threshold: {given.threshold:g}"


def _source(given: Answers) -> Iterator[str]:
    yield "\npipeline:"
    if given.connection is not None:
        arn, repository = given.connection
        yield f"  repository: {json.dumps(repository)}"
        yield "  connection:"
        yield f"    arn: {json.dumps(arn)}"
    elif given.source == "zip":
        yield "  source_object: {}         # no repository: xacct-ml upload-source sends a zip"
    if given.source != "zip":
        yield "  branch: main              # a push to it starts the pipeline"
