"""``upload-data``: two checked files into the bucket, then the manifest that starts the pipeline.

Objects lie under the data set's id, which follows from their content: they are never overwritten with something else.
An object that is there with the same checksum, size and key is left alone, so an upload that broke off goes on."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from hashlib import sha256
from os.path import samestat
from pathlib import Path
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.engine.progress import Reporter
from xacct_ml.errors import InputError
from xacct_ml.operations.preconditions import key_arn, object_bytes, require_bucket
from xacct_ml.operations.upload import checked_content, data_manifest, expectation, holdout
from xacct_ml.operations.upload.ahead import Ahead
from xacct_ml.operations.upload.announcing import announce, newest_manifest
from xacct_ml.operations.upload.authorship import stamp, uploader, utc_now
from xacct_ml.operations.upload.channel_files import (
    Channel,
    named,
    parts,
    require_one_format,
    require_unchanged,
    rows_of,
)
from xacct_ml.operations.upload.checked_content import Part
from xacct_ml.operations.upload.copied import Copied, copy
from xacct_ml.operations.upload.data_check import HOLDOUT, CheckedFile, Piece
from xacct_ml.operations.upload.data_files import Given, S3Prefix, Theirs, require_not_many
from xacct_ml.operations.upload.data_schema import DataSchema
from xacct_ml.operations.upload.withdrawal import require_not_withdrawn
from xacct_ml.operations.upload.written_once import PARTS, Outgoing, Shelf
from xacct_ml.system.names import Names


@dataclass(frozen=True, slots=True)
class Upload:
    """What an upload came to. ``uploaded``: the channels sent; ``announced``: the manifest was written."""

    manifest: data_manifest.Manifest
    manifest_uri: str
    uploaded: tuple[str, ...] = ()
    announced: bool = False


def check_files(
    train: Given,
    validation: Given,
    reporter: Reporter,
    hyperparameters: Mapping[str, Any] | None = None,
    ask: Callable[[], expectation.Expectation] | None = None,
    *,
    schema_change: bool = False,
    held_out: Given | None = None,
    theirs: Callable[[], Theirs] | None = None,
    ahead: Ahead | None = None,
) -> dict[str, CheckedFile]:
    """The files, checked by the objective among ``hyperparameters``, which needs no credentials, or by what ``ask``
    answers; by channel and as ``holdout``. ``theirs`` reads buckets of others, ``ahead`` follows the check. Raises
    :class:`InputError` with every fault of all."""
    paths = {"train": train, "validation": validation, **({} if held_out is None else {HOLDOUT: held_out})}
    _require_different(paths)
    found = _look(paths, theirs or _nobody)
    require_not_many({name: len(found[name].found.places) for name in data_manifest.CHANNELS})
    read = {}
    for name, channel in found.items():
        channel.say(reporter)
        with reporter.progress(f"checking {name}", channel.size) as advance:
            if ahead is not None and isinstance(channel.given, Path):
                advance = ahead.following(channel.given, advance)
            read[name] = channel.read(advance)
    require_one_format(read)
    files = expectation.judged(read, hyperparameters or {}, ask, reporter, schema_change=schema_change)
    for file in files.values():
        reporter.line(
            f"{file.channel}: {file.name}: {file.rows:,} rows, {file.columns} columns, sha256 {file.sha256[:16]}…"
        )
        reporter.line(f"  label: {file.label}")
        if file.missing:
            reporter.line(f"  {file.missing:,} empty features, which XGBoost learns from as missing")
        for doubt in file.doubts:
            reporter.warn(f"{file.name}: {doubt}")
    return files


def _look(paths: Mapping[str, Given], theirs: Callable[[], Theirs]) -> dict[str, Channel]:
    """Raises :class:`InputError` with all that cannot be found."""
    found, wrong = {}, []
    for name, path in paths.items():
        try:
            found[name] = Channel.look(name, path, theirs)
        except InputError as error:
            wrong.append(error)
    if len(wrong) > 1:
        others = tuple(line for error in wrong[1:] for line in (error.message, *error.details))
        raise InputError(wrong[0].reason, file=wrong[0].file, details=(*wrong[0].details, *others))
    if wrong:
        raise wrong[0]
    return found


def _nobody() -> Theirs:
    raise InputError("an s3:// prefix needs the accounts of a map")


def _require_different(paths: Mapping[str, Given]) -> None:
    found = {name: _stat(path) if isinstance(path, Path) else path for name, path in paths.items()}
    for name, other, why in (
        ("validation", "train", "is the training data, too; any gate is passed with that"),
        (HOLDOUT, "train", "is the training data, too; any model scores well on that"),
        (HOLDOUT, "validation", "is the validation data, too; without --holdout that is what models are scored on"),
    ):
        one, two = found.get(name), found.get(other)
        files = isinstance(one, os.stat_result) and isinstance(two, os.stat_result) and samestat(one, two)
        if files or (isinstance(one, S3Prefix) and one == two):
            raise InputError(why, file=str(paths[name]))


def upload_data(
    config: Config,
    accounts: Clients,
    files: Mapping[str, CheckedFile],
    reporter: Reporter,
    now: Callable[[], datetime] = utc_now,
    schema: DataSchema | None = None,
    ahead: Ahead | None = None,
) -> Upload:
    """Send what is not there yet, then announce it. ``files`` are the channels' and, where there is one, ``holdout``.
    ``schema`` is theirs, ``ahead`` is what is on its way already.

    Raises :class:`NotReady` before bootstrap, :class:`InputError` if a file changes meanwhile: nothing is announced."""
    names = Names(config)
    shelf = Shelf(accounts.client(names.shared, "s3"), names, key_arn(config, accounts), reporter)
    require_bucket(config, accounts)
    held = files.get(HOLDOUT)
    theirs = theirs_of(config, accounts)
    found = {channel: parts(files[channel], objects(config, channel)) for channel in data_manifest.CHANNELS}
    if len(found["train"]) < (count := config.training.instance_count):
        raise _too_few(count, files["train"], len(found["train"]))
    dataset = data_manifest.dataset_id(
        {channel: [part.sha256 for part in of] for channel, of in found.items()},
        holdout=None if held is None else held.sha256,
        schema_file=None if schema is None else sha256(schema.content).hexdigest(),
    )
    require_not_withdrawn(config, accounts, dataset)
    placed = {channel: named(names, dataset, channel, of, files[channel].format) for channel, of in found.items()}
    if ahead is not None:
        shelf = replace(shelf, fresh=ahead.finish([key for of in placed.values() for key, _, _ in of]))
    uploaded: list[str] = []
    channels: dict[str, data_manifest.Channel] = {}
    for channel in data_manifest.CHANNELS:
        channels[channel], sent = _store(shelf, dataset, files[channel], placed[channel], theirs)
        uploaded += [channel] if sent else []
    for channel, stored in channels.items():
        name_objects(shelf, dataset, channel, stored.objects)
    held_out, sent = _hold_out(shelf, dataset, files, theirs, () if schema is None else schema.slices())
    uploaded += [HOLDOUT] if sent else []
    profile = Outgoing.text("profile", files["train"].profile)
    by, known = uploader(config, accounts), shelf.first(names.profile_key(dataset), profile)
    told = None
    if schema is not None:
        told, _ = shelf.store(names.schema_key(dataset), Outgoing.text("schema", schema.content))
    manifest = data_manifest.Manifest(dataset, stamp(now()), by, channels, held_out, told, known)
    for file in files.values():
        require_unchanged(file, theirs)
    keep(shelf, manifest)
    uri = f"s3://{names.bucket}/{names.manifest_key}"
    newest, current = newest_manifest(shelf.s3, names)
    if current is not None and manifest.same_data(current):
        reporter.line(f"manifest: {uri} is already there: no new run")
        return Upload(current, uri, tuple(uploaded))
    announce(shelf.s3, names, shelf.kms_key, manifest, newest)
    reporter.line(f"manifest: {uri} written, data set {dataset}")
    return Upload(manifest, uri, tuple(uploaded), announced=True)


def keep(shelf: Shelf, manifest: data_manifest.Manifest) -> None:
    """The manifest beside its data set, which stays when another data set becomes current."""

    def says_the_same(content: bytes) -> bool:
        return manifest.same_data(data_manifest.Manifest.parse(content))

    shelf.write(shelf.names.dataset_manifest_key(manifest.dataset), manifest.to_json(), says_the_same)


def current_manifest(config: Config, accounts: Clients) -> data_manifest.Manifest | None:
    """The manifest in the bucket; None where there is none that this version can read."""
    text = object_bytes(config, accounts, Names(config).manifest_key)
    return None if text is None else data_manifest.Manifest.parse(text)


def objects(config: Config, channel: str) -> int:
    """How many objects a file becomes: one for each instance that may train."""
    return config.training.allowed_or_own.max_instance_count if channel == "train" else 1


def theirs_of(config: Config, accounts: Clients) -> Callable[[], Theirs]:
    """Buckets of others, as the operator of the shared account sees them."""
    role = config.accounts.shared.role_arn

    def theirs() -> Theirs:
        # A role's session has another name each time: a policy is to name the role.
        return Theirs(accounts.client(Names(config).shared, "s3"), role or uploader(config, accounts))

    return cache(theirs)


def _too_few(count: int, train: CheckedFile, parts: int) -> InputError:
    if not train.pieces:
        return InputError(f"{count} instances cannot train on {train.rows} rows", file=train.name)
    return InputError(
        f"train has {parts} part{'s' if parts > 1 else ''}, and the map trains on {count} instances: each needs one of "
        "its own",
        file=train.name,
        next_step="write it as more files",
    )


def _store(
    shelf: Shelf,
    dataset: str,
    file: CheckedFile,
    placed: Sequence[tuple[str, str, Part | Piece]],
    theirs: Callable[[], Theirs],
) -> tuple[data_manifest.Channel, bool]:
    """What the manifest says of the channel, and whether an object of it had to be sent."""
    stored, sent = {}, False
    for key, what, part in placed:
        content_type = data_manifest.CONTENT_TYPES[file.format]
        if isinstance(part, Piece):
            stored[key], new = copy(shelf, key, Copied(what, part, content_type), theirs())
        else:
            opened = partial(checked_content.opened, part, PARTS["multipart_threshold"])
            stored[key], new = shelf.store(key, Outgoing(what, part.sha256, part.size, content_type, opened))
        sent = sent or new
    uri = f"s3://{shelf.names.bucket}/{shelf.names.channel_manifest_key(dataset, file.channel)}"
    every = tuple(stored[key] for key in sorted(stored))
    return data_manifest.Channel(uri, file.format, file.rows, file.columns, every), sent


def _hold_out(
    shelf: Shelf,
    dataset: str,
    files: Mapping[str, CheckedFile],
    theirs: Callable[[], Theirs],
    slices: Sequence[holdout.Slice],
) -> tuple[data_manifest.Holdout, bool]:
    origin = HOLDOUT if HOLDOUT in files else "validation"
    file = files[origin]
    if origin != HOLDOUT:
        shelf.reporter.warn(
            "models are scored on the validation data, which training stops by: --holdout FILE names other rows"
        )
    if file.rows > holdout.ROWS_SCORED:
        shelf.reporter.line(f"models are scored on the first {holdout.ROWS_SCORED:,} of {file.rows:,} rows held out")
    with rows_of(file, theirs) as read, holdout.split(read, slices) as split:
        return holdout.store(shelf, dataset, origin, file.rows, split)


def name_objects(shelf: Shelf, dataset: str, channel: str, objects: Iterable[data_manifest.StoredObject]) -> None:
    """The file that names the channel's objects to SageMaker; written unless it is there."""
    names = shelf.names
    prefix = names.channel_prefix(dataset, channel)
    content = data_manifest.channel_manifest(
        f"s3://{names.bucket}/{prefix}", [each.key.removeprefix(prefix) for each in objects]
    )
    shelf.write(names.channel_manifest_key(dataset, channel), content)


def _stat(path: Path) -> os.stat_result | None:
    """None for what cannot be looked at: why, reading it tells."""
    try:
        return path.stat()
    except OSError:
        return None
