"""The candidate's golden rows and its answers to them, kept beside the model by the judge: once, where nobody else
writes. What was kept is not made again, so that a judgement that is repeated goes on with the same rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.foreign import ForeignTextError, line

from .golden import LARGEST_BYTES, Golden, answers, golden_rows
from .held_out import Where, predictions
from .job import JobFailed
from .model_store import EXISTS


def golden_key(prefix: str, sha256: str, kind: str) -> str:
    """``kind`` is ``csv``, the rows that a batch transform reads, or ``json``, the rows with their answers."""
    return f"{prefix}/{sha256}/golden.{kind}"


@dataclass(frozen=True)
class GoldenScoring:
    """Of the model ``sha256``; ``prefix`` is where judged models are, ``key_arn`` encrypts what is written."""

    s3: Any
    where: Where
    key_arn: str
    prefix: str
    sha256: str

    def make(self, columns: int, profile: Mapping[str, Any] | None) -> None:
        """The rows, of so many features."""
        rows = "".join(f"{row}\n" for row in golden_rows(columns, profile))
        self._put(golden_key(self.prefix, self.sha256, "csv"), rows.encode(), "text/csv")

    def keep(self, output_key: str) -> None:
        """What a batch transform answered to them. Raises :class:`JobFailed` where it is not an answer to each."""
        rows = tuple(self._rows().decode().splitlines())
        try:
            found = answers(_bounded(predictions(self.s3, self.where, output_key)), len(rows))
        except ForeignTextError as error:
            raise JobFailed(f"the golden rows cannot be scored: {output_key} {line(str(error))}") from error
        content = Golden(rows, tuple(found)).to_json(self.sha256)
        self._put(golden_key(self.prefix, self.sha256, "json"), content, "application/json")

    def _rows(self) -> bytes:
        key = golden_key(self.prefix, self.sha256, "csv")
        content: bytes = self.s3.get_object(**self.where, Key=key)["Body"].read(LARGEST_BYTES)
        return content

    def _put(self, key: str, content: bytes, content_type: str) -> None:
        try:
            self.s3.put_object(
                **self.where,
                Key=key,
                Body=content,
                ContentType=content_type,
                ServerSideEncryption="aws:kms",
                SSEKMSKeyId=self.key_arn,
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in EXISTS:
                raise


def _bounded(chunks: Iterable[bytes]) -> bytes:
    """All of it, or as much as is refused."""
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > LARGEST_BYTES:
            break
    return bytes(content)
