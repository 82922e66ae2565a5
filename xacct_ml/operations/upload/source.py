"""``upload-source``: a directory or a zip becomes the next version of the source object, which starts the pipeline.

The zip's bytes follow from its files alone, so files that are the newest version already are not sent again and start
no run. Checked before anything is called."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.preconditions import (
    CHANGED_OBJECT,
    MISSING_OBJECT,
    encrypted,
    key_arn,
    object_at,
    only_over,
    require_bucket,
)
from xacct_ml.operations.upload import source_tree
from xacct_ml.operations.upload.data_manifest import SHA256_METADATA
from xacct_ml.operations.upload.source_files import SourceFault, check, unpacked
from xacct_ml.resources.rights import Rights, pipelines_key, through_s3
from xacct_ml.system.names import Names
from xacct_ml.system.package import packed

RIGHTS = {
    "AWS::S3::Object": (
        Rights("source/SourceObject", "s3: GetObject PutObject"),
        Rights("key/UseKeyThroughS3", "kms: GenerateDataKey", on=(pipelines_key,), condition=through_s3),
    )
}


@dataclass(frozen=True, slots=True)
class Package:
    """A checked source: its files' paths, the zip, and what of a directory was left out of it."""

    paths: tuple[str, ...]
    content: bytes
    left_out: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class SourceUpload:
    """``version`` is the id of the object's newest version; ``sent`` whether that is a new one, which starts a run."""

    uri: str
    version: str
    sent: bool


def package(path: Path, include: Sequence[str] = ()) -> Package:
    """A directory's source files and what ``include`` names there, or a zip's files, checked.

    Raises :class:`InputError`."""
    try:
        if not path.is_dir():
            if include:
                raise SourceFault("is no directory: --include names files of one, and a zip is sent whole")
            tree = source_tree.Tree(unpacked(path.read_bytes()))
        else:
            tree = source_tree.read(path, include)
        check(tree.files, tree.left_out)
    except SourceFault as fault:
        raise InputError(
            str(fault),
            file=path,
            next_step="xacct-ml render --out rendered writes a template and a configuration that work",
        ) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=error.filename or path) from None
    return Package(tuple(sorted(tree.files)), packed(tree.files), tuple(sorted(tree.left_out)))


def source_key(config: Config) -> str:
    """The source object's key. Raises :class:`InputError` for a map whose source is a repository."""
    key = Names(config).source_key
    if key is None:
        raise InputError(
            "the map has no pipeline.source_object: this pipeline's source is a repository",
            next_step=f"push to {Names(config).repository}, branch {Names(config).branch}",
        )
    return key


def upload_source(config: Config, accounts: Clients, source: Package, *, only_if: str | None = None) -> SourceUpload:
    """Send the zip unless it is the newest version; ``only_if`` that has this ETag, where one is given.

    Raises :class:`xacct_ml.errors.NotReady` before bootstrap, and where the bucket is somebody else's;
    :class:`XacctError` where somebody wrote another version meanwhile."""
    names, key = Names(config), source_key(config)
    kms_key = key_arn(config, accounts)
    require_bucket(config, accounts)
    s3 = accounts.client(names.shared, "s3")
    where = object_at(names, key)
    uri = f"s3://{names.bucket}/{key}"
    newest = absent_as_none(MISSING_OBJECT, s3.head_object, **where)
    if newest is not None and newest.get("Metadata", {}).get(SHA256_METADATA) == source.sha256:
        return SourceUpload(uri, newest["VersionId"], sent=False)
    answer = absent_as_none(
        CHANGED_OBJECT,
        s3.put_object,
        **where,
        **only_over(newest if only_if is None else {"ETag": only_if}),
        **encrypted(kms_key),
        Body=source.content,
        ContentType="application/zip",
        Metadata={SHA256_METADATA: source.sha256},
    )
    if answer is None:
        answer = s3.head_object(**where)
        if answer.get("Metadata", {}).get(SHA256_METADATA) != source.sha256:
            told = f"{uri} has changed meanwhile; nothing was written"
            raise XacctError(told, next_step="run the same command again")
    return SourceUpload(uri, answer["VersionId"], sent=True)
