"""Artifacts: zips in the pipeline's artifact store, read and written with an action's credentials."""

import io
import secrets
import string
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xacct_ml.emulator.services.codepipeline.failures import ActionFailed
from xacct_ml.emulator.services.codepipeline.model import Artifact

PIPELINE_PREFIX, ARTIFACT_PREFIX = 20, 10
"""Characters of the pipeline's and the artifact's name that its key keeps. Truncation is documented (CodePipeline user
guide, Troubleshooting [D]); 10 is seen in examples [C], 20 is observed [U]."""
_RANDOM = string.ascii_letters + string.digits
_EXECUTABLE, _PLAIN = 0o755, 0o644
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class ArtifactStore:
    """Where a pipeline keeps its artifacts. ``key_id`` None stands for the account's ``aws/s3`` key."""

    pipeline: str
    bucket: str
    key_id: str | None

    def place(self, name: str, revision: str | None = None) -> Artifact:
        """A new place for an artifact: ``<pipeline>/<artifact>/<random>.zip``."""
        unique = "".join(secrets.choice(_RANDOM) for _ in range(7))
        key = f"{self.pipeline[:PIPELINE_PREFIX]}/{name[:ARTIFACT_PREFIX]}/{unique}.zip"
        return Artifact(name, self.bucket, key, revision)

    def put(self, s3: Any, artifact: Artifact, content: bytes, *, to_owner: bool = False) -> None:
        """Upload with ``s3``'s credentials, encrypted with the store's key; ``to_owner`` with the ACL that gives the
        bucket's owner full control."""
        acl = {"ACL": "bucket-owner-full-control"} if to_owner else {}
        key = {} if self.key_id is None else {"SSEKMSKeyId": self.key_id}
        s3.put_object(
            Bucket=artifact.bucket,
            Key=artifact.key,
            Body=content,
            ContentType="application/zip",
            ServerSideEncryption="aws:kms",
            **key,
            **acl,
        )


def read(s3: Any, artifact: Artifact) -> bytes:
    """The artifact's zip."""
    body: bytes = s3.get_object(Bucket=artifact.bucket, Key=artifact.key)["Body"].read()
    return body


def zipped(files: Mapping[str, tuple[bytes, bool]]) -> bytes:
    """A zip of path → (content, executable)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, (content, executable) in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (_EXECUTABLE if executable else _PLAIN) << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def file_in(archive: bytes, artifact: str, path: str) -> str:
    """A text file in an artifact.

    :raises ActionFailed: the artifact is no zip, has no such file, or the file is not UTF-8"""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return opened.read(path).decode()
    except zipfile.BadZipFile as error:
        raise ActionFailed("JobFailed", f"Artifact {artifact} is not a zip file") from error
    except KeyError as error:
        raise ActionFailed("JobFailed", f"File [{path}] does not exist in artifact [{artifact}]") from error
    except UnicodeDecodeError as error:
        raise ActionFailed("JobFailed", f"File [{path}] in artifact [{artifact}] is not UTF-8 text") from error
