"""What a data set must fit that is not in its files: the objective that the next run trains with, and the data of the
model that serves now.

The next run trains with the configuration on the branch, not with the map. What of the accounts cannot be read is told
in a word: an upload does not depend on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import translate
from xacct_ml.config.model import Config
from xacct_ml.dataset.profile import Profile
from xacct_ml.dataset.schema import NotInSchema, Schema
from xacct_ml.engine.progress import Reporter
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.foreign import ForeignTextError, document, line
from xacct_ml.operations.preconditions import object_bytes
from xacct_ml.operations.release.serving import first_serving, serving
from xacct_ml.operations.runs.executions import past_actions, variables
from xacct_ml.operations.source_state import source_parameters
from xacct_ml.operations.upload import data_check
from xacct_ml.operations.upload.data_check import CheckedFile, LiveData, ReadFile, label_rules
from xacct_ml.operations.upload.dataset_ids import DATASET_ID
from xacct_ml.operations.upload.source_files import SourceFault
from xacct_ml.system.actions.lambda_judge import CHECK_STAGE
from xacct_ml.system.names import Names
from xacct_ml.system.template import CONFIGURATION_FILE
from xacct_ml.tables.objective_labels import OBJECTIVES, Labels
from xacct_ml.tables.xgboost_hyperparameters import cloudformation_parameter, text

_DECIDE = ("objective", "num_class")
"""The hyperparameters that say which labels can be learnt."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Expectation:
    """``words`` are to be told: what was not found, and where the branch decides and not the map."""

    rules: Labels
    live: LiveData | None = None
    words: tuple[str, ...] = ()


def judged(
    files: Mapping[str, ReadFile],
    hyperparameters: Mapping[str, Any],
    ask: Callable[[], Expectation] | None,
    reporter: Reporter,
    *,
    schema_change: bool,
) -> dict[str, CheckedFile]:
    """The files, judged with what ``ask`` answers; without it, by the objective among ``hyperparameters``, the map's.
    Nobody is asked about files that cannot be read.

    Raises :class:`InputError` with all faults of the files, else what ``ask`` raises."""
    if ask is None or any(file.content.wrong.kept for file in files.values()):
        return data_check.judged(files, label_rules(hyperparameters))
    try:
        expected = ask()
    except XacctError:
        data_check.judged(files, label_rules(hyperparameters))
        raise
    for word in expected.words:
        reporter.line(word)
    return data_check.judged(files, expected.rules, expected.live, schema_change=schema_change)


def of_map(config: Config) -> Expectation:
    """What the map alone says."""
    return Expectation(label_rules(config.training.hyperparameters))


def of_accounts(config: Config, accounts: Clients) -> Expectation:
    """What the branch's configuration and the data of the live model say, where they can be read."""
    theirs, no_configuration = _told(lambda: _hyperparameters(config, accounts), "the configuration on the branch")
    live, no_live = _told(lambda: live_data(config, accounts), "the data of the live model")
    words = [f"{no_configuration}: the map's objective decides"] if no_configuration else []
    words += [no_live] if no_live else []
    expected = replace(of_map(config), live=live)
    if theirs is not None:
        ours = {name: text(value) for name, value in config.training.hyperparameters.items()}
        if differing := [name for name in _DECIDE if ours.get(name) != theirs.get(name)]:
            said = ", ".join(
                f"{name} {line(repr(theirs[name])) if name in theirs else 'not set'}" for name in differing
            )
            words.append(f"{CONFIGURATION_FILE} on the branch has {said}, the map otherwise: the branch decides")
        try:
            expected = replace(expected, rules=label_rules(theirs))
        except ValueError:
            words.append(
                "num_class there is no number of classes: Check ends the run; here the map's objective decides"
            )
        if expected.rules.objective not in OBJECTIVES:
            words.append(f"{line(repr(expected.rules.objective))} is no objective known here: any number is a label")
    if live is not None and live.profile is None:
        words.append(
            f"data set {live.dataset}, the live model's, has no profile: the number of columns is all that is compared"
        )
    return replace(expected, words=tuple(words))


def _told(read: Callable[[], T], what: str) -> tuple[T | None, str | None]:
    """What is read, or why it could not be, in a line."""
    try:
        return read(), None
    except NotReady:
        return None, None
    except SourceFault as fault:
        return None, f"{what} cannot be read: {fault}"
    except (BotoCoreError, ClientError) as error:
        return None, f"{what} cannot be read: {translate(error).message}"
    except XacctError as error:
        return None, f"{what} cannot be read: {error.message}"


def _hyperparameters(config: Config, accounts: Clients) -> dict[str, str] | None:
    """Those on the branch; None where there is nothing yet."""
    if config.pipeline.connection is not None:
        raise SourceFault("it is behind a connection, where only the pipeline can look")
    found = source_parameters(config, accounts)
    if found is None:
        return None
    names = {cloudformation_parameter(name): name for name in _DECIDE}
    return {names[name]: value for name, value in found.items() if name in names and value != ""}


def live_data(config: Config, accounts: Clients) -> LiveData | None:
    """The data of the run that the newest successful deployment of the first target that serves is of; None before the
    first."""
    names = Names(config)
    dataset = _deployed_dataset(config, accounts)
    if dataset is None or not DATASET_ID.fullmatch(dataset):
        return None
    found = object_bytes(config, accounts, names.profile_key(dataset))
    profile = None if found is None else Profile.parse(found)
    if profile is not None:
        return LiveData(dataset, len(profile.columns) + 1, profile, _schema(config, accounts, dataset))
    # Its own copy of the data manifest, or the current one, of an earlier release.
    manifests = (names.dataset_manifest_key(dataset), names.manifest_key)
    columns = (_columns(object_bytes(config, accounts, key), dataset) for key in manifests)
    return LiveData(dataset, next(filter(None, columns), None))


def _schema(config: Config, accounts: Clients, dataset: str) -> Schema | None:
    found = object_bytes(config, accounts, Names(config).schema_key(dataset))
    try:
        return None if found is None else Schema.parse(found)
    except NotInSchema:
        return None


def _deployed_dataset(config: Config, accounts: Clients) -> str | None:
    """The data set of the run whose model the first target that serves was given last; None where none is known."""
    now = first_serving(config, serving(config, accounts))
    if now is None or now.run is None:
        return None
    for detail in past_actions(config, accounts, execution=now.run):
        if detail["stageName"] == CHECK_STAGE and detail["status"] == "Succeeded":
            return variables(detail).get("DataSet")
    return None


def _columns(manifest: bytes | None, dataset: str) -> int | None:
    """Of training in the data manifest of a data set, whichever release wrote it; None where it says nothing."""
    try:
        found = document(manifest or b"")
        return int(found["channels"]["train"]["columns"]) if found["dataset"] == dataset else None
    except (ForeignTextError, KeyError, TypeError, ValueError):
        return None
