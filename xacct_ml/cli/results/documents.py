"""Each command's result by its name, and whether a document is as it is described."""

import json
from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from xacct_ml.cli.results import data, models, projects, proofs, runs
from xacct_ml.cli.results.described import Fault

RESULTS: Mapping[str, Any] = {
    "demo": projects.Demo,
    "verify": proofs.Verify,
    "render": proofs.Render,
    "explain": proofs.Explain,
    "emulator": projects.Emulator,
    "init": projects.Init,
    "doctor": proofs.Doctor,
    "plan": projects.Plan,
    "bootstrap": projects.Bootstrap | projects.Plan,
    "create-pipeline": projects.CreatePipeline | projects.RenderedPipeline,
    "configure": projects.Configure,
    "prepare": data.Prepare,
    "upload-data": data.UploadData,
    "data": data.DataList | data.DataWithdrawn,
    "upload-source": data.UploadSource,
    "start": runs.Start,
    "status": runs.Status,
    "runs": models.Runs,
    "compare": models.Compare,
    "report": runs.Report,
    "logs": None,
    "retry": runs.Retry,
    "stop": runs.Stop,
    "approve": runs.Decide,
    "reject": runs.Decide,
    "deploy": models.ReleaseRequest,
    "rollback": models.ReleaseRequest,
    "history": models.History,
    "predict": data.Predict | data.PredictBatch,
    "drift": data.Drift,
    "audit": runs.Audit,
    "teardown": projects.Teardown,
}
"""By command, in the order of the help. ``logs`` has none: its lines are documents, :class:`runs.LogLine`."""


def problems(document: Mapping[str, Any]) -> list[str]:
    """What of a whole document is not as it is described; of a failure's result members may be missing."""
    command, result = document["command"], document["result"]
    found = [] if document["error"] is None else _faults(_adapter(Fault), document["error"])
    if command not in RESULTS or (result is None and not document["ok"]):
        return found
    forms = get_args(RESULTS[command]) if isinstance(RESULTS[command], UnionType) else (RESULTS[command],)
    of_each = [_faults(_adapter(form), result, partly=not document["ok"]) for form in forms]
    return found + min(of_each, key=len)


@cache
def _adapter(form: Any) -> TypeAdapter[Any]:
    return TypeAdapter(form)


def _faults(adapter: TypeAdapter[Any], value: Any, *, partly: bool = False) -> list[str]:
    try:
        adapter.validate_json(json.dumps(value, default=str), strict=True)
    except ValidationError as error:
        return [
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
            for one in error.errors()
            if not (partly and one["type"] == "missing")
        ]
    return []
