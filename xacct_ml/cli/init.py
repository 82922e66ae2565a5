"""``xacct-ml init``."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, TypeVar

import typer

from xacct_ml.cli.command import DEFAULT_CONFIG, OutputOption, execute, services
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.config.examples import EXAMPLE, SCHEMA
from xacct_ml.errors import InputError
from xacct_ml.operations.init import answers as asked
from xacct_ml.operations.init import aws_configuration as aws
from xacct_ml.operations.init.answers import PREDICTIONS, Answers
from xacct_ml.operations.init.map_text import SCHEMA_NAME, text
from xacct_ml.validation import load
from xacct_ml.validation.document_sizes import check_sizes

T = TypeVar("T")

_TRIES = 3
_WAY = "an account id, a profile, PROFILE=ID, or the ARN of a role to assume"

_QUESTIONS = {
    "project": "The project's name? It begins the name of everything that is made.",
    "region": "Which region? Bucket, key and pipeline are there; the data stay in it.",
    "shared": f"Which account has the pipeline and the data? Give {_WAY}.",
    "training": "Which account trains? Another one: it never comes to production.",
    "production": "Which account serves? A third one; several are given with commas.",
    "predict": "What is predicted: yes-no, number, or classes=N? It sets objective and metric.",
    "threshold": "Which {metric} must a model reach? One that misses it is not offered for approval.",
    "source": "Where is the source: codecommit, zip, or a connection's ARN and ORG/REPOSITORY? A push starts a run.",
}
"""Each with its reason."""

FileOption = Annotated[Path, typer.Option("--config", "-c", metavar="FILE", help="Where the map is written.")]
ProjectOption = Annotated[str | None, typer.Option("--project", help="Begins every name.")]
RegionOption = Annotated[str | None, typer.Option("--region", help="Where it all is.")]
SharedOption = Annotated[str | None, typer.Option("--shared", metavar="WAY", help=f"The pipeline's account: {_WAY}.")]
TrainingOption = Annotated[str | None, typer.Option("--training", metavar="WAY", help="The account that trains.")]
ProductionOption = Annotated[
    list[str] | None, typer.Option("--production", metavar="WAY", help="An account that serves; repeatable.")
]
PredictOption = Annotated[str | None, typer.Option("--predict", metavar="WHAT", help="yes-no, number, or classes=N.")]
ThresholdOption = Annotated[str | None, typer.Option("--threshold", metavar="NUMBER", help="The gate's.")]
SourceOption = Annotated[
    str | None, typer.Option("--source", help="codecommit, zip, or 'CONNECTION_ARN ORG/REPOSITORY'.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Take the defaults of what is not given.")]
FromAccountOption = Annotated[
    bool, typer.Option("--from-account", help="Ask AWS who the profiles are (sts:GetCallerIdentity, the organisation).")
]
ExampleOption = Annotated[bool, typer.Option("--example", help="Write the example with every field; ask nothing.")]


def init(
    context: typer.Context,
    config: FileOption = DEFAULT_CONFIG,
    project: ProjectOption = None,
    region: RegionOption = None,
    shared: SharedOption = None,
    training: TrainingOption = None,
    production: ProductionOption = None,
    predict: PredictOption = None,
    threshold: ThresholdOption = None,
    source: SourceOption = None,
    from_account: FromAccountOption = False,
    example: ExampleOption = False,
    yes: YesOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Write a first account map, after at most eight questions.

    Profiles of your AWS configuration are offered, with the account that they name. What is given as an option is not
    asked. The map is one that verify accepts, and no file is ever overwritten.

    Example: xacct-ml init

    Example: xacct-ml init --shared tools --training ml-dev --production 333333333333 --yes"""

    def work(terminal: Terminal) -> Outcome:
        if config.exists() or config.is_symlink():
            reason = "there is a map already, and init overwrites none"
            raise InputError(reason, file=config, next_step="give another --config FILE, or xacct-ml verify")
        if example:
            content = EXAMPLE.read_text("utf-8").replace("docs/config.schema.json", SCHEMA_NAME)
            return _written(config, content, terminal)
        given = {
            "project": project,
            "region": region,
            "shared": shared,
            "training": training,
            "production": ",".join(production or ()) or None,
            "predict": predict,
            "threshold": threshold,
            "source": source,
        }
        ask, outside = Questions(terminal, given, yes=yes), services(context)
        wanted = _answers(ask, outside.profile_client if from_account else None)
        return _written(config, text(wanted), terminal)

    execute("init", output, work, interrupted="Nothing was written.")


class Questions:
    """Asks what no option has, shows the default and the reason, and takes an empty answer for the default."""

    def __init__(self, terminal: Terminal, given: Mapping[str, str | None], *, yes: bool) -> None:
        self._terminal, self._given, self._yes = terminal, given, yes

    def __call__(self, name: str, question: str, default: str, read: Callable[[str], T]) -> T:
        """Raises :class:`InputError` for an option that is wrong, without a default where nobody can be asked, and
        after three wrong answers."""
        given = self._given[name]
        if given is not None or (default and self._yes):
            return _read(f"--{name}", read, default if given is None else given)
        if not self._terminal.interactive:
            reason = f"--{name} is not given, and there is no terminal to ask on"
            raise InputError(reason, next_step=f"give --{name}" + (", or --yes for the defaults" if default else ""))
        self._terminal.line(question)
        flag, prompt = f"--{name}", f"  [{default}]:" if default else "  :"
        for _ in range(_TRIES - 1):
            try:
                return read(self._terminal.ask(prompt, flag=flag) or default)
            except InputError as error:
                self._terminal.line(f"  {error.message}")
        return _read(f"--{name}", read, self._terminal.ask(prompt, flag=flag) or default)


def _read(flag: str, read: Callable[[str], T], value: str) -> T:
    try:
        return read(value)
    except InputError as error:
        raise InputError(f"{flag}: {error.message}") from None


def _answers(ask: Questions, call: aws.Caller | None) -> Answers:
    """``call`` asks AWS; without it only the configuration is read."""
    known = aws.profiles()
    organisation = {} if call is None else _of_organisation(known, call)
    offered = [(one.name, one.name) for one in known if one.account or call is not None]
    named = [(name, account) for account, name in organisation.items()]
    made = Answers()
    made.project = ask("project", _QUESTIONS["project"], asked.project_of(Path.cwd()), asked.project)
    made.region = ask("region", _QUESTIONS["region"], aws.usual_region(known), asked.region)

    def identify(profile: str) -> str | None:
        return None if call is None else aws.identity(profile, call)[0]

    def ways(value: str) -> tuple[asked.Way, ...]:
        return tuple(asked.way(each.strip(), known, identify) for each in value.split(","))

    taken: list[str] = []
    found: dict[str, tuple[asked.Way, ...]] = {}
    for part in ("shared", "training", "production"):
        default = asked.guess(part, offered, taken) or asked.guess(part, named, taken)
        found[part] = ask(part, _QUESTIONS[part], default, ways)
        taken += [way.profile or way.account for way in found[part]]
    made.shared, made.training, made.production = found["shared"][0], found["training"][0], found["production"]
    made.predict, made.classes = ask("predict", _QUESTIONS["predict"], "yes-no", asked.prediction)
    _, metric, usual = PREDICTIONS[made.predict]
    made.threshold = ask("threshold", _QUESTIONS["threshold"].format(metric=metric), usual, asked.threshold)
    made.source, made.connection = ask("source", _QUESTIONS["source"], "codecommit", asked.source)
    return made


def _of_organisation(known: tuple[aws.Profile, ...], call: aws.Caller) -> dict[str, str]:
    """Of the first profile that may list the accounts."""
    return next(filter(None, (aws.organisation(one.name, call) for one in known[:5])), {})


def _written(path: Path, content: str, terminal: Terminal) -> Outcome:
    """The map, once it is known to be one that ``verify`` accepts, and the schema beside it."""
    with TemporaryDirectory(prefix="xacct-ml-init-") as folder:
        trial = Path(folder) / "config.yaml"
        trial.write_text(content, "utf-8")
        try:
            loaded = load(trial)
            check_sizes(loaded)
        except InputError as error:
            raise InputError(f"with these answers: {error.reason}", details=error.details) from None
    schema = path.with_name(SCHEMA_NAME)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
        if not schema.exists():
            shutil.copyfile(SCHEMA, schema)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", file=path) from None
    where = "" if path == DEFAULT_CONFIG else f" --config {path}"
    terminal.line(f"wrote {path}, and {schema} for editors")
    terminal.line(f"next: xacct-ml verify{where}, then: xacct-ml doctor{where}, xacct-ml plan{where}")
    accounts = {"shared": loaded.accounts.shared.id, "training": loaded.accounts.training.id}
    targets = [target.id for target in loaded.accounts.production]
    return Outcome({"file": str(path), "schema": str(schema), "accounts": {**accounts, "production": targets}})
