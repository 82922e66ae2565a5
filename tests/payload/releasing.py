"""A run that was judged, and a request to deploy its model again, as AWS tells of them."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from tests.payload.judged import ACTIONS, BUCKET, RunToJudge, located
from tests.payload.pipeline import RELEASES, RUN
from xacct_ml.payload.run import read_run

RELEASE = "aaaaaaaa-2222-3333-4444-555555555555"
REQUEST_KEY = "churn-release/Release/abc.zip"
PARAMETERS = {"task": "release", "pipelineExecutionId": RELEASE, "pipeline": RELEASES}
ANN = "arn:aws:iam::111111111111:user/ann"


class Released(RunToJudge):
    """Its run has been judged; ``request`` is what is asked for, in JSON."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        judged = self.judge()["outputVariables"]
        self.pipeline.add(ACTIONS["judge"], variables=judged)
        self.request: dict[str, Any] = {
            "schema": "xacct-ml/release/1",
            "run": RUN,
            "trainingJob": judged["TrainingJob"],
            "modelDigest": judged["ModelDigest"],
            "recordKey": judged["RecordKey"],
            "recordDigest": judged["RecordDigest"],
            "targets": ["production"],
            "schemaChange": False,
            "reason": "the newer one is slow",
        }

    def ask(self, content: bytes | None = None, parameters: dict[str, str] | None = None) -> dict[str, Any]:
        """The function's reply; it raises what the pipeline is told as a failure. ``content`` is the zip, where it is
        not that of the request."""
        self.s3.put(BUCKET, REQUEST_KEY, zipped(self.request) if content is None else content)
        self.pipeline.add("Release/Model", "InProgress", run=RELEASE, pipeline=RELEASES, parameters=PARAMETERS)
        return self.function.reply(parameters or PARAMETERS, {"inputArtifacts": [located(REQUEST_KEY)]})

    def deployed(
        self, target: str = "production", run: str = RUN, pipeline: str = "churn", digest: str = "", **more: Any
    ) -> None:
        """A deployment, after an approval; it has succeeded, unless ``status`` is another."""
        model = {"trainingJob": self.request["trainingJob"], "modelDigest": digest or self.request["modelDigest"]}
        self.pipeline.add("Approve/Review", run=run, pipeline=pipeline, by=ANN)
        given = {"EndpointName": "churn", "EndpointConfigName": "churn-c", "ModelName": "churn-m"}
        variables = more.pop("variables", given)
        self.pipeline.add(f"Deploy/{target}", run=run, pipeline=pipeline, parameters=model, variables=variables, **more)

    def write_down(self, run: str = RUN, pipeline: str = "churn") -> dict[str, Any]:
        """The Live action of a run."""
        told = {"task": "live", "pipelineExecutionId": run, "pipeline": pipeline, "action": "Deploy/Live"}
        self.pipeline.add("Deploy/Live", "InProgress", run=run, pipeline=pipeline, parameters=told)
        reply = self.function.reply(told, {})
        self.pipeline.add("Deploy/Live", run=run, pipeline=pipeline, parameters=told)
        return reply

    def live(self, target: str = "production") -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.s3.content(BUCKET, f"live/{target}.json"))
        return found

    def history(self, target: str = "production") -> list[str]:
        """The keys, oldest first."""
        return sorted(key for _, key in self.s3.objects if key.startswith(f"history/{target}/"))

    def variables(self) -> dict[str, str]:
        """The judge's, of the run."""
        return dict(read_run(self.pipeline, "churn", RUN).actions[ACTIONS["judge"]].variables)


def zipped(request: Any, name: str = "release.json") -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(name, request if isinstance(request, str | bytes) else json.dumps(request))
    return archive.getvalue()
