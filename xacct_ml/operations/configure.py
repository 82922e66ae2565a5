"""``configure``: what this release renders otherwise than the source has it, shown and, if asked, sent.

The source belongs to its team. The training template is the tool's all the same: roles, function and template of one
release belong together. So it is replaced as a whole, by a commit (a version) like any other; of the configuration,
values stay, and only names follow the template, unless the map's values are asked for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none, code_of, codes
from xacct_ml.config.model import Config
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.foreign import document, line
from xacct_ml.operations.command_names import BOOTSTRAP
from xacct_ml.operations.preconditions import MISSING_BUCKET, MISSING_OBJECT, branch_head, object_at, require_tags
from xacct_ml.operations.source_state import Difference, differences
from xacct_ml.operations.upload.source import Package, upload_source
from xacct_ml.operations.upload.source_files import SourceFault, parameters, template_version, unpacked
from xacct_ml.resources.repository import AUTHOR
from xacct_ml.resources.rights import Rights, pipelines_key, through_s3
from xacct_ml.system.names import Names
from xacct_ml.system.package import packed
from xacct_ml.system.repository import first_commit
from xacct_ml.system.template import CONFIGURATION_FILE, TEMPLATE_FILE, TEMPLATE_VERSION, configuration, declared

RIGHTS = {
    "AWS::CodeCommit::Repository": (
        Rights("repository/Repository", "codecommit: CreateCommit GetFile ListTagsForResource"),
    ),
    "AWS::S3::Object": (
        Rights("source/SourceObject", "s3: GetObject"),
        Rights("key/UseKeyThroughS3", "kms: Decrypt", on=(pipelines_key,), condition=through_s3),
    ),
}

COMMIT_MESSAGE = f"Training template of version {TEMPLATE_VERSION}, by xacct-ml configure"
VALUES_MESSAGE = "Values of the account map, by xacct-ml configure"
_MOVED = codes(
    "ConcurrentReferenceUpdateException NoChangeException ParentCommitIdOutdatedException SameFileContentException"
)
"""What CreateCommit says where the branch has moved on, or has the files already [B]."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file of the source, as it is (None: not there) and as it would be."""

    path: str
    before: bytes | None
    after: bytes

    def diff(self) -> tuple[str, ...]:
        """As ``diff -u`` has it, line by line; what is no text to be seen is marked."""
        before = (self.before or b"").decode("utf-8", "replace").splitlines()
        after = self.after.decode().splitlines()
        return tuple(line(each) for each in unified_diff(before, after, self.path, self.path, lineterm=""))


@dataclass(frozen=True, slots=True)
class SourceState:
    """The source now. ``revision``: the branch's newest commit, or the zip's ETag; ``files``: those that were read;
    ``differences``: values that it has otherwise than the map; with ``values`` they are among the ``changes``."""

    place: str
    revision: str
    files: Mapping[str, bytes]
    changes: tuple[FileChange, ...]
    differences: tuple[Difference, ...] = ()
    values: bool = False


def look(config: Config, accounts: Clients, *, values: bool = False) -> SourceState | None:
    """None for a source behind a connection, which only the pipeline can read. With ``values`` the map's replace those
    of the configuration.

    Raises :class:`NotReady` before bootstrap, and :class:`XacctError` for a source that cannot be read."""
    names = Names(config)
    if names.source_key is not None:
        place = f"s3://{names.bucket}/{names.source_key}"
        revision, files = _of_zip(names, accounts, place)
    elif names.uses_codecommit:
        place = f"repository {names.repository} in account {names.repository_account}, branch {names.branch}"
        revision, files = _of_repository(config, accounts)
    else:
        return None
    try:
        found = changes(config, files, values=values)
        return SourceState(place, revision, files, found, _differences(config, files), values)
    except SourceFault as fault:
        raise XacctError(
            f"{place}: {fault}; nothing was changed", next_step="mend it there and run the same command again"
        ) from None


def _differences(config: Config, files: Mapping[str, bytes]) -> tuple[Difference, ...]:
    if CONFIGURATION_FILE not in files:
        return ()
    return differences(configuration(config)["Parameters"], parameters(files[CONFIGURATION_FILE]))


def changes(config: Config, files: Mapping[str, bytes], *, values: bool = False) -> tuple[FileChange, ...]:
    """What differs from this release.

    Raises :class:`SourceFault` for files that cannot be read or are a later release's."""
    if TEMPLATE_FILE in files and (version := template_version(files[TEMPLATE_FILE])) > TEMPLATE_VERSION:
        raise SourceFault(
            f"{TEMPLATE_FILE} has version {version}, and this release of xacct-ml renders {TEMPLATE_VERSION}: "
            "update xacct-ml"
        )
    ours = first_commit(config)
    if CONFIGURATION_FILE in files:
        kept = _map_values if values else _kept_values
        ours[CONFIGURATION_FILE] = kept(config, files[CONFIGURATION_FILE])
    return tuple(
        FileChange(path, files.get(path), content) for path, content in ours.items() if files.get(path) != content
    )


def push(config: Config, accounts: Clients, state: SourceState) -> str:
    """Send the changes; returns the new revision. Never over what was not looked at.

    Raises :class:`XacctError` where the source has become another meanwhile."""
    if Names(config).source_key is not None:
        files = {**state.files, **{change.path: change.after for change in state.changes}}
        package = Package(tuple(sorted(files)), packed(files))
        return upload_source(config, accounts, package, only_if=state.revision).version
    return _committed(config, accounts, state)


def _kept_values(config: Config, present: bytes) -> bytes:
    """The configuration with its own values: without parameters that the template does not have, with the map's for
    those that it asks for and that are missing. As it is where nothing is to be changed."""
    theirs = parameters(present)
    known = declared(config)
    ours = configuration(config)["Parameters"]
    missing = {name: text for name, text in ours.items() if name not in theirs and "Default" not in known[name]}
    kept = {name: value for name, value in document(present)["Parameters"].items() if name in known}
    if not missing and kept.keys() == theirs.keys():
        return present
    return (json.dumps({**document(present), "Parameters": {**kept, **missing}}, indent=2) + "\n").encode()


def _map_values(config: Config, present: bytes) -> bytes:
    """The configuration with the map's values, and what else it has. As it is where the values are the same."""
    ours = configuration(config)["Parameters"]
    if not differences(ours, parameters(present)):
        return present
    return (json.dumps({**document(present), "Parameters": ours}, indent=2) + "\n").encode()


def _of_repository(config: Config, accounts: Clients) -> tuple[str, dict[str, bytes]]:
    names = Names(config)
    head = branch_head(config, accounts)
    codecommit = accounts.client(names.repository_account, "codecommit")
    tags = codecommit.list_tags_for_resource(resourceArn=names.repository_arn)["tags"]
    require_tags(names, tags, f"CodeCommit repository {names.repository}", names.repository_account)
    read = {
        path: absent_as_none(
            ("FileDoesNotExistException",),
            codecommit.get_file,
            repositoryName=names.repository,
            commitSpecifier=head,
            filePath=path,
        )
        for path in (TEMPLATE_FILE, CONFIGURATION_FILE)
    }
    return head, {path: bytes(answer["fileContent"]) for path, answer in read.items() if answer is not None}


def _of_zip(names: Names, accounts: Clients, place: str) -> tuple[str, dict[str, bytes]]:
    read = accounts.client(names.shared, "s3").get_object
    answer: Any = absent_as_none(MISSING_OBJECT | MISSING_BUCKET, read, **object_at(names, str(names.source_key)))
    if answer is None:
        raise NotReady(f"there is no source {place} yet", next_step=BOOTSTRAP)
    try:
        return answer["ETag"], unpacked(answer["Body"].read())
    except SourceFault as fault:
        raise XacctError(f"{place} {fault}", next_step="xacct-ml upload-source DIR") from None


def _committed(config: Config, accounts: Clients, state: SourceState) -> str:
    names = Names(config)
    try:
        answer = accounts.client(names.repository_account, "codecommit").create_commit(
            repositoryName=names.repository,
            branchName=names.branch,
            parentCommitId=state.revision,
            authorName=AUTHOR,
            commitMessage=VALUES_MESSAGE if state.values else COMMIT_MESSAGE,
            putFiles=[{"filePath": change.path, "fileContent": change.after} for change in state.changes],
        )
        return str(answer["commitId"])
    except ClientError as error:
        if code_of(error) not in _MOVED:
            raise
    # Another's commit, or this one in an answer that was lost.
    return _looked_again(config, accounts, state)


def _looked_again(config: Config, accounts: Clients, state: SourceState) -> str:
    now = look(config, accounts, values=state.values)
    if now is None or now.changes:
        raise XacctError(f"{state.place} has changed meanwhile", next_step="run the same command again")
    return now.revision
