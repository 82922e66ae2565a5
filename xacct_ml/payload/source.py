"""The files of a source artifact, read with bounds: whoever may push wrote it."""

import io
import re
import zipfile
from typing import Any

from xacct_ml.foreign import BROKEN_ZIP

from .job import JobFailed

TEMPLATE_FILE, CONFIGURATION_FILE, REQUEST_FILE = "template.yaml", "configuration.json", "release.json"

LARGEST_ARTIFACT_BYTES = 256 << 20
_LARGEST = {TEMPLATE_FILE: 1 << 20, CONFIGURATION_FILE: 100 << 10, REQUEST_FILE: 16 << 10}
"""A template in S3 has 1 MB at most (CloudFormation quotas) [D]."""

_VERSION = re.compile(r'^\s{2,20}"?TemplateVersion"?:\s{0,4}"?(\d{1,6})"?', re.MULTILINE | re.ASCII)


def source_archive(s3: Any, where: dict[str, str], key: str) -> tuple[bytes, str]:
    """The zip and its version. Raises :class:`JobFailed` for one that is too large."""
    answer = s3.get_object(**where, Key=key)
    if answer["ContentLength"] > LARGEST_ARTIFACT_BYTES:
        size, most = answer["ContentLength"], LARGEST_ARTIFACT_BYTES
        raise JobFailed(f"the source has {size:,} bytes as a zip; {most:,} at most are read", "ConfigurationError")
    return answer["Body"].read(), answer["VersionId"]


def written_once(s3: Any, where: dict[str, str], key: str) -> None:
    """Raises :class:`JobFailed` where an artifact has a second version: the source action writes it once [U], and who
    holds its role in the other account may write what is in no commit over it.
    """
    answer = s3.list_object_versions(**where, Prefix=key)
    listed = [*answer.get("Versions", ()), *answer.get("DeleteMarkers", ())]
    found = [each for each in listed if each["Key"] == key]
    if len(found) != 1:
        told = ", ".join(f"{each['VersionId']} of {each['LastModified']:%Y-%m-%d %H:%M:%S}" for each in found)
        raise JobFailed(
            f"the source s3://{where['Bucket']}/{key} was written to after the source action: versions {told}. "
            "Start a new run, and look who has used the source action's role",
            "ConfigurationError",
        )


def file_of(archive: bytes, name: str) -> bytes:
    """Raises :class:`JobFailed` where the source has no such file, or too large a one."""
    limit = _LARGEST[name]
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened, opened.open(name) as file:
            content = file.read(limit + 1)
    except KeyError:
        raise JobFailed(f"the source has no {name} at its top", "ConfigurationError") from None
    except BROKEN_ZIP as error:
        raise JobFailed(f"the source's {name} cannot be read: {type(error).__name__}", "ConfigurationError") from error
    if len(content) > limit:
        raise JobFailed(f"{name} has more than {limit:,} bytes", "ConfigurationError")
    return content


def template_version(template: bytes) -> int:
    """``TemplateVersion`` in the template's metadata, in YAML or JSON; 1 where there is none: the first had none."""
    found = _VERSION.search(template.decode("utf-8", "replace"))
    return int(found[1]) if found else 1
