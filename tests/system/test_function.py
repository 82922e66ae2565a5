"""The Lambda package."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.configs import example, ireland
from xacct_ml.system.function import HANDLER, environment, source_zip
from xacct_ml.system.judge import HANDLER as JUDGE_HANDLER
from xacct_ml.system.model_copy import HANDLER as COPY_HANDLER


def test_the_package_is_deterministic_and_holds_all_handlers() -> None:
    """The same source gives the same bytes, so a second bootstrap sees no change."""
    assert source_zip() == source_zip()
    with zipfile.ZipFile(io.BytesIO(source_zip())) as archive:
        members = archive.namelist()
        handlers = (HANDLER, COPY_HANDLER, JUDGE_HANDLER)
        assert {f"{handler.rsplit('.', 1)[0].replace('.', '/')}.py" for handler in handlers} < set(members)
        for member in members:
            if member.endswith(".py"):
                compile(archive.read(member), member, "exec")


def test_the_package_runs_with_nothing_else_of_this_project(tmp_path: Path) -> None:
    """In Lambda there is only what is in it, and boto3."""
    with zipfile.ZipFile(io.BytesIO(source_zip())) as archive:
        archive.extractall(tmp_path)
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import payload.judge, payload.deploy, payload.copy, xacct_ml; "
        "print(xacct_ml.__file__)"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == str(tmp_path / "xacct_ml" / "__init__.py")


def test_roles_and_image_come_from_the_environment_not_from_an_event() -> None:
    """Who edits the pipeline must not choose the role (C7)."""
    config = example()
    (target,) = config.accounts.production
    variables = environment(config, target)
    assert variables["JOB_RESULT_ROLE_ARN"].endswith(":role/churn-job-result")
    assert variables["ENDPOINT_ROLE_ARN"].endswith(":role/churn-endpoint")
    assert variables["ALARMS"] == '["churn-churn-5xx"]'


def test_a_target_elsewhere_is_served_from_its_region() -> None:
    """Model and image in the endpoint's region; the pipeline's region to report to."""
    config = ireland()
    (target,) = config.accounts.production
    variables = environment(config, target)
    assert variables["MODEL_LOCATION"] == "s3://churn-111111111111-eu-west-1/judged"
    assert variables["IMAGE"].startswith("141502667606.dkr.ecr.eu-west-1.")
    assert variables["PIPELINE_REGION"] == "us-east-1"
    assert variables["ENDPOINT_ROLE_ARN"].endswith(":role/churn-endpoint-eu-west-1")
