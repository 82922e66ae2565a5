"""What a source must hold for the pipeline to work with it: the training template and its configuration.

Pure. CodePipeline User Guide, action reference AWS CloudFormation: every parameter of the configuration must be
declared in the template, and the artifact has 256 MB at most [D]."""

import io
import stat
import zipfile
from collections.abc import Collection, Mapping
from pathlib import PureWindowsPath
from unicodedata import category

import yaml

from xacct_ml.foreign import BROKEN_ZIP, LARGEST_BYTES, document, line
from xacct_ml.system.template import CONFIGURATION_FILE, TEMPLATE_FILE

MAXIMUM_BYTES = 256 << 20
_MOST_DIGITS = 6


class SourceFault(Exception):
    """The source cannot be worked with; the message says why."""


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of a zip, path to content.

    Raises :class:`SourceFault` for what is no zip, or too large a one, or has a link or one name twice."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > MAXIMUM_BYTES:
                raise SourceFault(f"the files in it have more than {MAXIMUM_BYTES >> 20} MB")
            files: dict[str, bytes] = {}
            for entry in entries:
                if stat.S_ISLNK(entry.external_attr >> 16):
                    raise SourceFault(f"{entry.filename!r} in it is a link; give the file itself")
                if entry.filename in files:
                    raise SourceFault(f"has {entry.filename!r} twice")
                files[entry.filename] = archive.read(entry)
            return files
    except BROKEN_ZIP as error:
        raise SourceFault(f"is not a zip that can be read: {line(str(error) or 'it ends too early')}") from None


def check(files: Mapping[str, bytes], left_out: Collection[str] = ()) -> None:
    """Raises :class:`SourceFault` for the first reason why a run could not work with these files.

    ``left_out`` are those that are there and do not count."""
    for name in files:
        _check_name(name)
    for name in (TEMPLATE_FILE, CONFIGURATION_FILE):
        if name in left_out:
            raise SourceFault(f"has a {name} that git does not track; git add it")
        if name not in files:
            below = next((path for path in sorted(files) if path.endswith(f"/{name}")), None)
            raise SourceFault(f"has no {name} at its top" + (f", only {below}" if below else ""))
    unknown = sorted(parameters(files[CONFIGURATION_FILE]).keys() - _declared(files[TEMPLATE_FILE]))
    if unknown:
        raise SourceFault(
            f"{TEMPLATE_FILE} declares no parameter {', '.join(unknown)}, which {CONFIGURATION_FILE} sets"
        )


def _check_name(name: str) -> None:
    """Whoever unpacks the zip must get these files, all of them within one folder, whatever system that is on."""
    path = PureWindowsPath(name)  # takes both kinds of slashes, and drives
    if path.anchor or ".." in path.parts:
        raise SourceFault(f"{name!r} is not a path within the source")
    if any(category(character)[0] == "C" or category(character) in ("Zl", "Zp") for character in name):
        raise SourceFault(f"{name!r} has characters that are no text; rename it")


def parameters(configuration: bytes, place: str = CONFIGURATION_FILE) -> dict[str, str]:
    """The parameters that a configuration file sets. Raises :class:`SourceFault`, naming its ``place``, for one that is
    none."""
    try:
        return {str(name): str(value) for name, value in document(configuration)["Parameters"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SourceFault(f'{place} is not a template configuration: {{"Parameters": {{…}}}}') from None


def template_version(template: bytes) -> int:
    """``TemplateVersion`` in a template's metadata; 1 where there is none that is a number: the first had none.

    Raises :class:`SourceFault` for what is no YAML."""
    found = _members(_members(_sections(template).get("Metadata")).get("xacct-ml")).get("TemplateVersion")
    text = found.value if isinstance(found, yaml.ScalarNode) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 1


def _sections(template: bytes) -> dict[str, yaml.Node]:
    if len(template) > LARGEST_BYTES:  # CloudFormation's own limit (User Guide, quotas: 1 MB in an S3 object) [D]
        raise SourceFault(f"{TEMPLATE_FILE} has more than {LARGEST_BYTES:,} bytes")
    try:
        return _members(yaml.compose(template.decode(), Loader=yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:  # \UFFFFFFFF is the third
        raise SourceFault(f"{TEMPLATE_FILE} is not YAML: {line(' '.join(str(error).split()))}") from None


def _declared(template: bytes) -> set[str]:
    """The names of a template's parameters, whatever tags (``!Sub``) it has."""
    sections = _sections(template)
    if "Resources" not in sections:
        raise SourceFault(f"{TEMPLATE_FILE} is not a CloudFormation template: it has no Resources")
    return set(_members(sections.get("Parameters")))


def _members(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """By name. A key that is no scalar names nothing, and with aliases in it its text can be of any length."""
    members = node.value if isinstance(node, yaml.MappingNode) else ()
    return {key.value: value for key, value in members if isinstance(key, yaml.ScalarNode)}
