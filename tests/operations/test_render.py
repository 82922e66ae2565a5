"""Every document as a file: complete, the same each time, and careful with other people's directories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from tests.test_foreign import HOSTILE
from xacct_ml.errors import InputError
from xacct_ml.operations.operator_policies import policies
from xacct_ml.operations.render import documents, fill, write
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.roles import roles


def contents(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_the_index_names_every_file(tmp_path: Path) -> None:
    """And there is no other."""
    write(example(), tmp_path / "out")
    written = contents(tmp_path / "out")
    index = json.loads(written.pop("index.json"))
    assert {entry["path"] for entry in index["documents"]} == set(written)
    assert all(set(entry) == {"kind", "account", "name", "path"} for entry in index["documents"])
    assert {entry["account"] for entry in index["documents"]} == {SHARED, TRAINING, PRODUCTION}


def test_every_kind_is_there() -> None:
    """What the issue lists."""
    assert {file.kind for file in documents(example())} == {
        "key policy",
        "bucket policy",
        "bucket configuration",
        "pipeline",
        "event rule",
        "repository file",
        "state machine",
        "function source",
        "function environment",
        "alarm",
        "trust policy",
        "role policy",
        "operator policy",
        "operator trust policy",
        "operator template",
        "operator module",
        "operator how-to",
    }


def test_roles_and_operators_are_whole() -> None:
    """One file per policy of every role and of every account's operator."""
    config = example()
    files = documents(config)
    made = roles(config, Keys.stand_ins(Names(config)))
    assert sum(file.kind == "trust policy" for file in files) == len(made)
    assert sum(file.kind == "role policy" for file in files) == sum(len(role.policies) for role in made)
    assert sum(file.kind == "operator policy" for file in files) == sum(len(each) for each in policies(config).values())


def test_the_same_map_gives_the_same_bytes(tmp_path: Path) -> None:
    """Also over an earlier rendering, whose other files go."""
    write(example(project="other"), tmp_path / "a")
    write(example(), tmp_path / "a")
    write(example(), tmp_path / "b")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_a_foreign_directory_is_refused(tmp_path: Path) -> None:
    """Unless forced; what is there stays in either case."""
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match=r"holds files that are not from here \(thesis\.tex\)"):
        write(example(), tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "thesis.tex"]
    write(example(), tmp_path, force=True)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_an_index_cannot_lead_outside(tmp_path: Path) -> None:
    """A doctored index must not delete a file elsewhere."""
    (tmp_path / "precious").write_text("x")
    out = tmp_path / "out"
    write(example(), out)
    index = json.loads((out / "index.json").read_bytes())
    index["documents"].append({"path": "../precious"})
    (out / "index.json").write_text(json.dumps(index))
    write(example(), out)
    assert (tmp_path / "precious").exists()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_an_index_that_is_none_is_somebody_elses(tmp_path: Path, text: bytes) -> None:
    """Whatever is in it."""
    (tmp_path / "index.json").write_bytes(text)
    with pytest.raises(InputError, match=r"holds files that are not from here \(index\.json\)"):
        write(example(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["index.json"]


@pytest.mark.parametrize("place", [SHARED, f"{SHARED}/roles", f"{SHARED}/key-policy.json", "index.json"])
@pytest.mark.parametrize("leads_to", ["victim", "nowhere"])
def test_nothing_is_written_through_a_link(tmp_path: Path, place: str, leads_to: str) -> None:
    """Whether it is a folder's or a file's, and whether what it leads to exists; nothing else was written either."""
    (tmp_path / "victim").mkdir()
    link = tmp_path / "out" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / leads_to)
    with pytest.raises(InputError, match=r"is a link to .*, and nothing is written through it"):
        write(example(), tmp_path / "out", force=True)
    assert contents(tmp_path) == {}
    assert list((tmp_path / "victim").iterdir()) == []


def test_the_directory_itself_may_be_a_link(tmp_path: Path) -> None:
    """It is the user's own word where to write."""
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    write(example(), tmp_path / "out")
    assert (tmp_path / "real" / "index.json").exists()


def test_the_state_machine_has_no_open_places() -> None:
    """Filled as the first commit's stack fills it: hyperparameters, gate and instances are the map's."""
    config = example()
    definition = next(json.loads(file.content) for file in documents(config) if file.kind == "state machine")
    job = definition["States"]["Train"]["Parameters"]
    assert job["HyperParameters"] == {"objective": "binary:logistic", "num_round": "50", "max_depth": "5"}
    assert job["ResourceConfig"]["InstanceCount"] == 1
    assert "${" not in json.dumps(definition)


def test_a_place_without_a_value_is_our_bug() -> None:
    """It must not be rendered as if it were text."""
    with pytest.raises(KeyError):
        fill('{"a": "${Nobody}"}', {})


def test_a_file_in_the_way_is_the_users(tmp_path: Path) -> None:
    """No traceback."""
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="cannot be written"):
        write(example(), tmp_path / "out")


def test_the_index_says_what_operators_reach(tmp_path: Path) -> None:
    """An administrator without a permissions boundary; and that the first run's policy is to be taken away."""
    write(example(), tmp_path / "plain")
    write(example(roles={"permissions_boundary": "boundary"}), tmp_path / "bounded")
    plain, bounded = (
        json.loads((tmp_path / each / "index.json").read_bytes())["operators"] for each in ("plain", "bounded")
    )
    assert all("administrator of the account" in one["reach"] for one in plain.values())
    assert all("boundary" in one["reach"] and "administrator" not in one["reach"] for one in bounded.values())
    assert [account for account, one in plain.items() if "first-run" in one] == [SHARED]
