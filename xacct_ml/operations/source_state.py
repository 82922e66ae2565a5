"""What can be seen of the source from here: whether run 1 can work with it, and where it differs from the map.

The source's configuration belongs to the ML team: compared with the map, told about, never overwritten. So does a
repository that the map has moved away from."""

from collections.abc import Mapping
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none, code_of, translate
from xacct_ml.config.model import Config
from xacct_ml.engine.plan import Action, Plan
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.operations.command_names import BOOTSTRAP, SEND_VALUES, UPLOAD_SOURCE
from xacct_ml.operations.preconditions import branch_head, object_bytes
from xacct_ml.operations.upload.source_files import SourceFault, check, parameters, unpacked
from xacct_ml.resources.connection import Connection
from xacct_ml.resources.ownership import refusal
from xacct_ml.resources.pipeline import Pipeline
from xacct_ml.resources.rights import Rights
from xacct_ml.system.names import Names
from xacct_ml.system.template import CONFIGURATION_FILE, TEMPLATE_FILE, configuration

FORMER = "former repository"
"""One that the map has moved away from."""
RIGHTS = {
    "AWS::CodeCommit::Repository": (Rights("repository/Repository", "codecommit: GetFile"),),
    FORMER: (Rights("repository/FormerRepository", "codecommit: GetRepository ListTagsForResource"),),
}

_NOTHING_TO_READ = tuple(f"{what}DoesNotExistException" for what in ("Repository", "Branch", "Commit", "CommitId"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One parameter that the map and the repository's configuration file give differently. None: it is absent there."""

    parameter: str
    map: str | None
    repository: str | None

    def __str__(self) -> str:
        return self.told("the repository")

    def told(self, other: str) -> str:
        """``other`` is who has the second value."""
        return f"{self.parameter}: the map has {_shown(self.map)}, {other} {_shown(self.repository)}"


@dataclass(frozen=True, slots=True)
class ConfigurationState:
    """``problem`` says why the file could not be compared; ``differences`` is empty then."""

    differences: tuple[Difference, ...] = ()
    problem: str | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Line by line: the map only seeds the repository's configuration, and is not used afterwards."""
        if self.problem is not None or not self.differences:
            return () if self.problem is None else (self.problem,)
        return (
            f"the repository's {CONFIGURATION_FILE} differs from the map. Runs take the repository's, and the "
            "judge refuses a gate that is weaker than the map's:",
            *(f"  {each}" for each in self.differences),
            f"  the map's are sent by: {SEND_VALUES}",
        )

    @property
    def sentence(self) -> str | None:
        """The same in one line; None where there is nothing to say."""
        if self.problem is not None or not self.differences:
            return self.problem
        told = "; ".join(map(str, self.differences))
        return f"runs take the repository's {CONFIGURATION_FILE}, not the map: {told}; {SEND_VALUES} sends the map's"

    def rows(self) -> list[dict[str, str | None]]:
        """For JSON."""
        return [{"parameter": d.parameter, "map": d.map, "repository": d.repository} for d in self.differences]


NO_DIFFERENCE = ConfigurationState()


def check_connection(planned: Plan) -> None:
    """Raises what the map's connection was refused for; nothing is to be made before a person has completed it."""
    for step in planned.refused:
        if isinstance(step.resource, Connection) and step.error is not None:
            raise step.error


def check_revision(config: Config, accounts: Clients) -> None:
    """Raises :class:`NotReady` without a revision, or with one that a run could not work with.

    What is behind a connection cannot be looked at: nothing is raised then, and :func:`unseen` says what it must hold.
    """
    names = Names(config)
    if names.uses_codecommit:
        branch_head(config, accounts)
    elif names.source_key is not None:
        content = object_bytes(config, accounts, names.source_key)
        uri = f"s3://{names.bucket}/{names.source_key}"
        if content is None:
            raise NotReady(f"there is no source {uri} yet", next_step=BOOTSTRAP)
        try:
            check(unpacked(content))
        except SourceFault as fault:
            raise NotReady(f"run 1 would fail: {uri} {fault}", next_step=UPLOAD_SOURCE) from None


def unseen(config: Config, planned: Plan) -> tuple[str, ...]:
    """What a pipeline that is about to be made takes for granted; empty where everything could be looked at."""
    creating = any(step.action is Action.CREATE and isinstance(step.resource, Pipeline) for step in planned.steps)
    if config.pipeline.connection is None or not creating:
        return ()
    names = Names(config)
    return (
        f"run 1 reads {TEMPLATE_FILE} and {CONFIGURATION_FILE} at the top of {names.repository}, branch "
        f"{names.branch}, where only the pipeline can look; if they are not there yet: xacct-ml render --out rendered "
        f"writes both to rendered/{names.shared}/repository, push them",
    )


def former_repository(config: Config, accounts: Clients) -> str | None:
    """What to say of a repository of this project in the shared account, now that the map has a source account; None
    where there is nothing to say. It is left as it is, by teardown too."""
    names = Names(config)
    if names.source_account is None:
        return None
    codecommit = accounts.client(names.shared, "codecommit")
    absent = ("RepositoryDoesNotExistException", "OperationNotAllowedException")
    if absent_as_none(absent, codecommit.get_repository, repositoryName=names.repository) is None:
        return None
    arn = names.arn("codecommit", names.shared, names.repository)
    tagged = absent_as_none(absent, codecommit.list_tags_for_resource, resourceArn=arn) or {}
    if refusal(tagged.get("tags", {}), names.tags) is not None:
        return None
    return (
        f"CodeCommit repository {names.repository} in account {names.shared} is no longer the source and stays as it "
        f"is: push its commits to the one in account {names.source_account} (git push --mirror), then delete it by hand"
    )


def compare_configuration(config: Config, accounts: Clients) -> ConfigurationState:
    """What the source's configuration file says and the map does not, by parameter; nothing about one that only the
    pipeline can read, behind a connection."""
    try:
        theirs = source_parameters(config, accounts)
    except SourceFault as fault:
        return ConfigurationState(problem=str(fault))
    if theirs is None:
        return ConfigurationState()
    return ConfigurationState(differences(configuration(config)["Parameters"], theirs))


def look(config: Config, accounts: Clients) -> ConfigurationState:
    """As :func:`compare_configuration`, for commands that do their work without it: what cannot be read is a problem
    that is told."""
    try:
        return compare_configuration(config, accounts)
    except (BotoCoreError, ClientError, XacctError) as error:
        why = (error if isinstance(error, XacctError) else translate(error)).message
        return ConfigurationState(problem=f"whether {CONFIGURATION_FILE} is as the map has it cannot be seen: {why}")


def source_parameters(config: Config, accounts: Clients) -> dict[str, str] | None:
    """What the source's configuration file sets; None where there is no source yet, or only the pipeline can read it.

    Raises :class:`SourceFault` for a source that the next run will fail with."""
    names = Names(config)
    if names.source_key is not None:
        return _of_zip(config, accounts, names.source_key)
    return _of_repository(names, accounts) if names.uses_codecommit else None


def _of_zip(config: Config, accounts: Clients, key: str) -> dict[str, str] | None:
    content = object_bytes(config, accounts, key)
    if content is None:
        return None
    try:
        files = unpacked(content)
        check(files)
        return parameters(files[CONFIGURATION_FILE])
    except SourceFault as fault:
        raise SourceFault(f"s3://{Names(config).bucket}/{key}: {fault}: the next run will fail") from None


def _of_repository(names: Names, accounts: Clients) -> dict[str, str] | None:
    try:
        file = accounts.client(names.repository_account, "codecommit").get_file(
            repositoryName=names.repository, commitSpecifier=names.branch, filePath=CONFIGURATION_FILE
        )
    except ClientError as error:
        if code_of(error) == "FileDoesNotExistException":
            missing = f"{names.repository} has no {CONFIGURATION_FILE} on {names.branch}: the next run will fail"
            raise SourceFault(missing) from None
        if code_of(error) in _NOTHING_TO_READ:
            return None
        raise
    return parameters(file["fileContent"], f"{CONFIGURATION_FILE} on {names.branch}")


def differences(ours: Mapping[str, str], theirs: Mapping[str, str]) -> tuple[Difference, ...]:
    """By parameter, in alphabetical order. Numbers are compared as numbers: ``0.80`` is ``0.8``."""
    return tuple(
        Difference(name, ours.get(name), theirs.get(name))
        for name in sorted({*ours, *theirs})
        if not _equal(ours.get(name), theirs.get(name))
    )


def _equal(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one == other
    try:
        return float(one) == float(other)
    except ValueError:
        return one == other


def _shown(value: str | None) -> str:
    return "nothing" if value is None else repr(value)
