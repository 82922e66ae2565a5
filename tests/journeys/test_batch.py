"""Files are predicted in production under the operator's own policies: the answers are the endpoint's."""

from __future__ import annotations

import pytest

from tests.configs import example
from tests.journeys.project import DATA, project
from xacct_ml.errors import NotReady
from xacct_ml.operations.predict_batch import Files, predict_files
from xacct_ml.operations.teardown.deletion import teardown

pytestmark = pytest.mark.long


def test_a_file_is_predicted_as_the_endpoint_answers() -> None:
    """Before there is an endpoint, or a bucket, it says so; the role goes with the project, and the files stay."""
    training = {"hyperparameters": {"objective": "binary:logistic", "num_round": 20, "eval_metric": "auc"}}
    with project(example(training=training, batch={"bucket": "churn-files"})) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        asked = Files("churn-files", "in/rows.csv", "out/")

        def predicted() -> dict[str, str]:
            return predict_files(made.config, made.accounts, asked, lambda _: None, lambda *_: None).answers

        with pytest.raises(NotReady, match="so no model"):
            predicted()
        (first,) = made.runs()
        made.settled(first)
        made.judge(first, approve=True)
        made.settled(first)
        with pytest.raises(NotReady, match="there is no bucket churn-files"):
            predicted()

        s3 = made.aws.administrator(made.target.id).client("s3")
        s3.create_bucket(Bucket="churn-files")
        rows = [line.partition(",")[2] for line in (DATA / "validation.csv").read_text().splitlines()]
        s3.put_object(Bucket="churn-files", Key="in/rows.csv", Body="\n".join(rows).encode())
        assert predicted() == {"s3://churn-files/in/rows.csv": "s3://churn-files/out/rows.csv.out"}
        answers = s3.get_object(Bucket="churn-files", Key="out/rows.csv.out")["Body"].read().decode().split()
        assert len(answers) == len(rows)
        assert float(answers[0]) == pytest.approx(made.predict())

        assert teardown(made.config, made.accounts, lambda _: None).report.ok
        assert s3.list_objects_v2(Bucket="churn-files")["KeyCount"] == 2
        roles = made.aws.administrator(made.target.id).client("iam").list_roles()["Roles"]
        assert "churn-batch" not in {role["RoleName"] for role in roles}
