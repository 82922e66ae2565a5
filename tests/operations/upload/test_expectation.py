"""What a data set must fit besides itself: the branch's objective, and the data of the live model."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import SHARED, example
from tests.dataset.test_schema import SCHEMA
from tests.operations.runs.pipelines import codepipeline, detail
from tests.silent import Silent
from tests.waved import TWO_WAVES, waved
from xacct_ml.dataset.profile import Profile, Values
from xacct_ml.errors import CredentialsError, InputError
from xacct_ml.operations.upload.data_check import LiveData, read_file
from xacct_ml.operations.upload.expectation import Expectation, judged, live_data, of_accounts, of_map
from xacct_ml.system.names import Names
from xacct_ml.system.package import packed
from xacct_ml.system.repository import first_commit
from xacct_ml.system.template import CONFIGURATION_FILE

DATASET = "0123456789abcdef"
PROFILE = Profile(10, 10, (Values(0.0), Values(0.0)), Values(0.0))
NO_PIPELINE = refused("ListActionExecutions", "PipelineNotFoundException")


def configuration(**parameters: str) -> bytes:
    ours = json.loads(first_commit(example())[CONFIGURATION_FILE])["Parameters"]
    return json.dumps({"Parameters": {**ours, **parameters}}).encode()


def deployed(*others: dict[str, Any]) -> list[dict[str, Any]]:
    """Two runs, newest first: the second is not deployed yet."""
    checked = {"DataSet": DATASET}
    return [
        *others,
        detail("Check", "Configuration", "Succeeded", run="run-2", variables={"DataSet": "f" * 16}),
        detail("Deploy", "production", "Succeeded", run="run-1"),
        detail("Check", "Configuration", "Succeeded", run="run-1", variables=checked),
    ]


def accounts(source: Any = None, actions: Any = NO_PIPELINE, objects: dict[str, bytes] | None = None) -> FakeAccounts:
    """``source`` is CodeCommit's answer, ``actions`` CodePipeline's."""
    stored = objects or {}

    def get_object(Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        if Key not in stored:
            raise refused("GetObject", "NoSuchKey")
        return {"Body": io.BytesIO(stored[Key])}

    def of_run(**asked: Any) -> dict[str, Any]:
        run = asked.get("filter", {}).get("pipelineExecutionId")
        return {"actionExecutionDetails": [each for each in actions if run in (None, each["pipelineExecutionId"])]}

    listed = of_run if isinstance(actions, list) else actions
    return FakeAccounts(
        {
            (SHARED, "codecommit"): FakeClient(
                get_file=source if source is not None else {"fileContent": configuration()}
            ),
            (SHARED, "codepipeline"): codepipeline(list_action_executions=listed),
            (SHARED, "s3"): FakeClient(get_object=get_object),
        }
    )


def test_the_branch_decides_which_labels_can_be_learnt() -> None:
    """The next run trains with its configuration; where that is not the map's, it is said."""
    there = accounts({"fileContent": configuration(Objective="multi:softprob", NumClass="4")})
    expected = of_accounts(example(), there)
    assert str(expected.rules) == "0 to 3, as num_class is 4"
    assert expected.words == (
        "configuration.json on the branch has objective 'multi:softprob', num_class '4', the map otherwise: the branch "
        "decides",
    )
    left_to_xgboost = of_accounts(example(), accounts({"fileContent": configuration(Objective="")}))
    assert left_to_xgboost.rules.objective == "reg:squarederror"
    assert "has objective not set, the map otherwise" in left_to_xgboost.words[0]


def test_of_a_source_like_the_map_there_is_nothing_to_say() -> None:
    """Nor before there is one."""
    assert of_accounts(example(), accounts()) == of_map(example())
    nothing = accounts(refused("GetFile", "BranchDoesNotExistException"))
    assert of_accounts(example(), nothing) == of_map(example())


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (refused("GetFile", "AccessDeniedException", "no policy"), "codecommit:GetFile|AccessDenied"),
        (refused("GetFile", "FileDoesNotExistException"), "has no configuration.json on main"),
        ({"fileContent": b"{"}, "is not a template configuration"),
        (CredentialsError("expired"), "expired"),
    ],
    ids=["denied", "no file", "no JSON", "no credentials"],
)
def test_a_source_that_cannot_be_read_is_a_word(source: Any, why: str) -> None:
    """The map decides then; nothing is refused."""
    expected = of_accounts(example(), accounts(source))
    assert expected.rules == of_map(example()).rules
    (word,) = expected.words
    assert word.startswith("the configuration on the branch cannot be read: ")
    assert any(part in word for part in why.split("|"))
    assert word.endswith(": the map's objective decides")


def test_a_source_behind_a_connection_is_a_word() -> None:
    """Only the pipeline can look there."""
    arn = f"arn:aws:codeconnections:us-east-1:{SHARED}:connection/0123"
    config = example(pipeline={"repository": "acme/churn", "connection": {"arn": arn}})
    (word,) = of_accounts(config, accounts()).words
    assert word.endswith("it is behind a connection, where only the pipeline can look: the map's objective decides")


def test_a_zip_is_read_as_well() -> None:
    """Of a map with a source object."""
    config = example(pipeline={"source_object": {}})
    files = {**first_commit(config), CONFIGURATION_FILE: configuration(Objective="reg:gamma")}
    key = Names(config).source_key
    assert key is not None
    assert of_accounts(config, accounts(objects={key: packed(files)})).rules.objective == "reg:gamma"


def test_a_number_of_classes_that_is_none_is_for_check_to_refuse() -> None:
    """The map's rules are as good as any then."""
    there = accounts({"fileContent": configuration(Objective="multi:softmax", NumClass="many")})
    expected = of_accounts(example(), there)
    assert expected.rules == of_map(example()).rules
    assert expected.words[-1].endswith("Check ends the run; here the map's objective decides")


def test_an_objective_that_is_none_is_said() -> None:
    """Nothing is known of its labels."""
    expected = of_accounts(example(), accounts({"fileContent": configuration(Objective="nonsense")}))
    assert expected.rules.holds(0.5)
    assert expected.words[-1] == "'nonsense' is no objective known here: any number is a label"


def test_the_live_data_are_those_of_the_newest_deployment_of_the_first_target() -> None:
    """Not of a run that was only checked, nor of one whose deployment failed."""
    failed = [
        detail("Deploy", "production", "Failed", run="run-3"),
        detail("Check", "Configuration", "Succeeded", run="run-3", variables={"DataSet": "e" * 16}),
    ]
    key = Names(example()).profile_key(DATASET)
    there = accounts(actions=deployed(*failed), objects={key: PROFILE.to_json()})
    assert live_data(example(), there) == LiveData(DATASET, 3, PROFILE)
    for text, schema in ((SCHEMA.to_json(), SCHEMA), (b"{", None)):
        objects = {key: PROFILE.to_json(), Names(example()).schema_key(DATASET): text}
        assert live_data(example(), accounts(actions=deployed(), objects=objects)) == LiveData(
            DATASET, 3, PROFILE, schema
        )


def test_the_live_data_are_found_in_whichever_wave_and_of_the_first_target_that_serves() -> None:
    """Of the map's first target, canary, nothing is known; web was deployed to before there were waves."""
    history = [*deployed(), detail("Deploy", "web", "Succeeded", run="run-1")]
    there = accounts(actions=history, objects={Names(example()).profile_key(DATASET): PROFILE.to_json()})
    assert live_data(waved(*TWO_WAVES), there) == LiveData(DATASET, 3, PROFILE)


def test_without_a_deployment_nothing_is_live() -> None:
    """And nothing is said of it."""
    for actions in (NO_PIPELINE, [], [detail("Deploy", "production", "InProgress")]):
        assert of_accounts(example(), accounts(actions=actions)) == of_map(example())
    strange = detail("Check", "Configuration", "Succeeded", variables={"DataSet": "../manifest"})
    assert live_data(example(), accounts(actions=[detail("Deploy", "production", "Succeeded"), strange])) is None


def test_data_without_a_profile_are_compared_by_their_columns() -> None:
    """As an earlier release's are: by its manifest, while that is the current one."""
    manifest = json.dumps({"dataset": DATASET, "channels": {"train": {"columns": 70}}}).encode()
    names = Names(example())
    for key in (names.manifest_key, names.dataset_manifest_key(DATASET)):
        expected = of_accounts(example(), accounts(actions=deployed(), objects={key: manifest}))
        assert expected.live == LiveData(DATASET, 70)
        assert "has no profile: the number of columns is all that is compared" in expected.words[0]
    for text in (b"{", b"[]", manifest.replace(b"0123", b"9999")):
        there = accounts(actions=deployed(), objects={names.manifest_key: text})
        assert live_data(example(), there) == LiveData(DATASET)


def test_a_history_that_cannot_be_read_is_a_word() -> None:
    """An upload does not depend on it."""
    there = accounts(actions=refused("ListActionExecutions", "AccessDeniedException", "no policy"))
    (word,) = of_accounts(example(), there).words
    assert word.startswith("the data of the live model cannot be read: ")


def written(directory: Path, train: str, validation: str) -> dict[str, Any]:
    (directory / "t.csv").write_text(train)
    (directory / "v.csv").write_text(validation)
    return {name: read_file(name, directory / f"{name[0]}.csv") for name in ("train", "validation")}


def never() -> Expectation:
    raise AssertionError("nobody is asked")


def test_of_files_that_cannot_be_read_nobody_is_asked(tmp_path: Path) -> None:
    """Bad data is the user's, whatever the credentials."""
    files = written(tmp_path, "0,x\n7,2\n", "0,1\n")
    with pytest.raises(InputError) as caught:
        judged(files, {"objective": "binary:logistic"}, never, Silent(), schema_change=False)
    assert len(caught.value.lines()) == 2


def test_faults_come_before_credentials(tmp_path: Path) -> None:
    """Also where the map alone tells them."""

    def expired() -> Expectation:
        raise CredentialsError("expired")

    objective = {"objective": "binary:logistic"}
    with pytest.raises(InputError, match="the label 7"):
        judged(written(tmp_path, "0,1\n7,2\n", "0,1\n"), objective, expired, Silent(), schema_change=False)
    with pytest.raises(CredentialsError):
        judged(written(tmp_path, "0,1\n1,2\n", "0,1\n"), objective, expired, Silent(), schema_change=False)


def test_what_is_expected_decides(tmp_path: Path) -> None:
    """Labels and columns."""

    def ask() -> Expectation:
        expected = of_accounts(example(), accounts({"fileContent": configuration(Objective="reg:squarederror")}))
        return Expectation(expected.rules, LiveData(DATASET, 3), expected.words)

    files = written(tmp_path, "0,1\n7,2\n", "0,1\n")
    with pytest.raises(InputError, match="has 2 columns, the live model's data") as caught:
        judged(files, {"objective": "binary:logistic"}, ask, Silent(), schema_change=False)
    assert len(caught.value.lines()) == 1
    files = written(tmp_path, "0,1\n7,2\n", "0,1\n")
    done = judged(files, {"objective": "binary:logistic"}, ask, Silent(), schema_change=True)
    assert "what clients send would no longer fit" in " ".join(done["train"].doubts)
