"""The Lambda package."""

from __future__ import annotations

import io
import zipfile

from tests.configs import example
from xacct_ml.documents.function import environment, source_zip
from xacct_ml.naming import Names


def test_the_package_is_deterministic_and_holds_the_module() -> None:
    """The same source gives the same bytes, so a second bootstrap sees no change."""
    assert source_zip() == source_zip()
    with zipfile.ZipFile(io.BytesIO(source_zip())) as archive:
        assert archive.namelist() == ["deploy.py"]
        compile(archive.read("deploy.py"), "deploy.py", "exec")


def test_roles_and_image_come_from_the_environment_not_from_an_event() -> None:
    """Who edits the pipeline must not choose the role (C7)."""
    config = example()
    (target,) = config.accounts.production
    variables = environment(config, target, Names(config).key_arn())
    assert variables["JOB_RESULT_ROLE_ARN"].endswith(":role/churn-job-result")
    assert variables["ENDPOINT_ROLE_ARN"].endswith(":role/churn-endpoint")
    assert variables["ALARMS"] == '["churn-churn-5xx"]'
