"""CodeCommit's rules for branches and commits."""

import pytest

from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.services.codecommit.git import EXECUTABLE, Signature
from xacct_ml.emulator.services.codecommit.repository import MAX_FILE_BYTES, Repository

AUTHOR = Signature("Ada", "ada@example.com", 1700000000)


def commit(repository: Repository, branch: str, parent: str | None, **edits) -> str:
    """Commit ``edits`` (CreateCommit's lists) and return the commit's id."""
    files = repository.edited(repository.parent_files(branch, parent), edits)
    return repository.add_commit(branch, files, AUTHOR, "message")[0].id


def put(path: str, content: bytes, **more) -> dict:
    return {"filePath": path, "fileContent": content, **more}


@pytest.fixture
def seeded() -> tuple[Repository, str]:
    """A repository with one commit of ``a`` and ``b/c`` on main."""
    repository = Repository("r")
    return repository, commit(repository, "main", None, putFiles=[put("a", b"1"), put("b/c", b"2")])


def test_the_first_commit_creates_the_branch_and_makes_it_the_default(seeded) -> None:
    """An empty repository needs no parent commit."""
    repository, first = seeded
    assert repository.branches == {"main": first}
    assert repository.default_branch == "main"


def refused(code: str):
    return pytest.raises(ApiError, match=f"^{code}:")


def test_a_later_commit_needs_its_parent(seeded) -> None:
    """No parent, a stale one, an unknown one and a malformed one are told apart."""
    repository, first = seeded
    second = commit(repository, "main", first, putFiles=[put("a", b"3")])
    for parent, code in (
        (None, "ParentCommitIdRequiredException"),
        (first, "ParentCommitIdOutdatedException"),
        ("0" * 40, "ParentCommitDoesNotExistException"),
        (second[:7], "InvalidParentCommitIdException"),
    ):
        with refused(code):
            commit(repository, "main", parent, putFiles=[put("a", b"4")])
    assert repository.head("main") == second


def test_a_commit_on_an_unknown_branch_is_refused(seeded) -> None:
    """Only an empty repository gets its branch from a commit."""
    repository, first = seeded
    with refused("BranchDoesNotExistException"):
        commit(repository, "other", first, putFiles=[put("a", b"3")])


def test_edits_put_delete_move_and_change_modes(seeded) -> None:
    """All of CreateCommit's lists work on the parent's files."""
    repository, first = seeded
    second = commit(
        repository,
        "main",
        first,
        putFiles=[put("d", b"4"), {"filePath": "moved", "sourceFile": {"filePath": "b/c", "isMove": True}}],
        setFileModes=[{"filePath": "a", "fileMode": EXECUTABLE}],
    )
    third = commit(repository, "main", second, deleteFiles=[{"filePath": "/d"}])
    files = repository.objects.files(third)
    assert sorted(files) == ["a", "moved"]
    assert files["a"].mode == EXECUTABLE
    assert repository.file("main", "moved")[2] == b"2"


@pytest.mark.parametrize(
    ("edits", "code"),
    [
        ({}, "FileEntryRequiredException"),
        ({"putFiles": [put("a", b"1")]}, "NoChangeException"),
        ({"deleteFiles": [{"filePath": "nope"}]}, "FileDoesNotExistException"),
        ({"putFiles": [put("x", b"1"), put("/x", b"2")]}, "SamePathRequestException"),
        ({"putFiles": [put("../x", b"1")]}, "InvalidPathException"),
        ({"putFiles": [put("a/x", b"1")]}, "FileNameConflictsWithDirectoryNameException"),
        ({"putFiles": [put("x", b"0" * (MAX_FILE_BYTES + 1))]}, "FileContentSizeLimitExceededException"),
        ({"putFiles": [put(f"f{n}", b"1") for n in range(101)]}, "MaximumFileEntriesExceededException"),
        ({"putFiles": [{"filePath": "x"}]}, "SourceFileOrContentRequiredException"),
    ],
)
def test_bad_edits_are_refused_and_change_nothing(seeded, edits, code) -> None:
    """Each has the error that the API reference names."""
    repository, first = seeded
    with refused(code):
        commit(repository, "main", first, **edits)
    assert repository.head("main") == first


@pytest.mark.parametrize("name", ["", "a b", "a..b", "/a", "a/", "a~1", "x.lock", "a//b", "a" * 257])
def test_bad_branch_names_are_refused(seeded, name) -> None:
    """By git's rules for references."""
    repository, first = seeded
    with refused("InvalidBranchNameException"):
        repository.create_branch(name, first)


def test_a_specifier_is_a_branch_a_reference_or_an_id(seeded) -> None:
    """The default branch where none is given."""
    repository, first = seeded
    repository.create_branch("feature/x", first)
    for specifier in (None, "HEAD", "main", "refs/heads/main", "feature/x", first):
        assert repository.resolve(specifier) == first
    with refused("CommitDoesNotExistException"):
        repository.resolve("nope")


def test_the_default_branch_cannot_be_deleted(seeded) -> None:
    """Another one can, once; deleting it again does nothing."""
    repository, first = seeded
    repository.create_branch("x", first)
    assert repository.delete_branch("x") is not None
    assert repository.delete_branch("x") is None
    with refused("DefaultBranchCannotBeDeletedException"):
        repository.delete_branch("main")
