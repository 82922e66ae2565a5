"""``upload-source``: a directory or a zip becomes the next version of the source object, which starts the pipeline.

The zip's bytes follow from its files alone, so files that are the newest version already are not sent again and start
no run. Checked before anything is called."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError
from xacct_ml.operations.preconditions import MISSING_OBJECT, encrypted, key_arn, object_at, require_bucket
from xacct_ml.operations.upload.data_manifest import SHA256_METADATA
from xacct_ml.operations.upload.source_files import MAXIMUM_BYTES, SourceFault, check, unpacked
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
    """A checked source: its files' paths, and the zip."""

    paths: tuple[str, ...]
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class SourceUpload:
    """``version`` is the id of the object's newest version; ``sent`` whether that is a new one, which starts a run."""

    uri: str
    version: str
    sent: bool


def package(path: Path) -> Package:
    """A directory's files (those of ``.git`` aside), or a zip's, checked. Raises :class:`InputError`."""
    try:
        files = _directory(path) if path.is_dir() else unpacked(path.read_bytes())
        check(files)
    except SourceFault as fault:
        raise InputError(
            str(fault),
            file=path,
            next_step="xacct-ml render --out rendered writes a template and a configuration that work",
        ) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=error.filename or path) from None
    return Package(tuple(sorted(files)), packed(files))


def _directory(top: Path) -> dict[str, bytes]:
    files, size = {}, 0
    for path in sorted(top.rglob("*")):
        inside = path.relative_to(top)
        if ".git" in inside.parts or not path.is_file():
            continue
        size += path.stat().st_size
        if size > MAXIMUM_BYTES:
            raise SourceFault(f"has more than {MAXIMUM_BYTES >> 20} MB, which CloudFormation's action does not take")
        files[inside.as_posix()] = path.read_bytes()
    return files


def source_key(config: Config) -> str:
    """The source object's key. Raises :class:`InputError` for a map whose source is a repository."""
    key = Names(config).source_key
    if key is None:
        raise InputError(
            "the map has no pipeline.source_object: this pipeline's source is a repository",
            next_step=f"push to {Names(config).repository}, branch {Names(config).branch}",
        )
    return key


def upload_source(config: Config, accounts: Clients, source: Package) -> SourceUpload:
    """Send the zip unless it is the newest version.

    Raises :class:`xacct_ml.errors.NotReady` before bootstrap, and where the bucket is somebody else's."""
    names, key = Names(config), source_key(config)
    kms_key = key_arn(config, accounts)
    require_bucket(config, accounts)
    s3 = accounts.client(names.shared, "s3")
    where = object_at(names, key)
    uri = f"s3://{names.bucket}/{key}"
    newest = absent_as_none(MISSING_OBJECT, s3.head_object, **where)
    if newest is not None and newest.get("Metadata", {}).get(SHA256_METADATA) == source.sha256:
        return SourceUpload(uri, newest["VersionId"], sent=False)
    answer = s3.put_object(
        **where,
        **encrypted(kms_key),
        Body=source.content,
        ContentType="application/zip",
        Metadata={SHA256_METADATA: source.sha256},
    )
    return SourceUpload(uri, answer["VersionId"], sent=True)
