"""``xacct-ml predict``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xacct_ml.cli import completion
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, enter, execute, load, services
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.costs import usd_text
from xacct_ml.config.model import Config
from xacct_ml.dataset.answers import Prediction
from xacct_ml.dataset.questions import LARGEST_QUESTION, of_json, of_table
from xacct_ml.dataset.schema import LARGEST_SCHEMA, NotInSchema, Schema
from xacct_ml.errors import InputError
from xacct_ml.operations.costs.month import transform_cost
from xacct_ml.operations.predict import ask, served, target_of
from xacct_ml.operations.predict_batch import batch_target, files, predict_files

RowOption = Annotated[
    Path | None, typer.Option("--row", metavar="FILE", help="CSV with a header of names, or JSON; one row or several.")
]
JsonOption = Annotated[
    str | None, typer.Option("--json", metavar="TEXT", help="An object of names and values, or a list of such.")
]
TargetOption = Annotated[
    str | None,
    typer.Option("--target", metavar="NAME", help="Default: the map's first.", autocompletion=completion.targets),
]
BatchOption = Annotated[
    str | None,
    typer.Option("--batch", metavar="S3-URI", help="Predict a file, or each under a prefix/, as a batch transform."),
]
OutOption = Annotated[
    str | None, typer.Option("--out", metavar="S3-URI", help="With --batch: the prefix under which answers go.")
]
SchemaOption = Annotated[
    Path | None,
    typer.Option("--schema", metavar="FILE", help="Instead of that of the data set; asks no other account."),
]

NOTHING_CHANGED = "Asking changes nothing."
GOES_ON = "A batch transform that was started goes on; the same command finds it again."


def predict(
    context: typer.Context,
    row: RowOption = None,
    json: JsonOption = None,
    target: TargetOption = None,
    schema: SchemaOption = None,
    batch: BatchOption = None,
    out: OutOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Ask an endpoint: names in, prediction out.

    The names are those of the schema that `prepare` made of what the serving model was trained on. Without a schema,
    --row is a CSV of numbers without a header.

    With --batch, files in the map's bucket for them are predicted without the endpoint, by the model that it serves:
    rows of numbers in the order of training. Killed and run again, it finds its batch transform.

    Example: xacct-ml predict --json '{"age": 41, "plan": "basic"}'

    Example: xacct-ml predict --batch s3://files/customers.csv --out s3://files/predictions/"""

    def work(terminal: Terminal) -> Outcome:
        if batch is not None or out is not None:
            if batch is None or out is None or (row, json, schema) != (None, None, None):
                raise InputError("give --batch and --out together, and no row beside them")
            return _files(context, load(context, config), terminal, batch, out, target)
        if (row is None) == (json is None):
            raise InputError("give either --row FILE or --json TEXT")
        content = None if row is None else _read(row, LARGEST_QUESTION)
        given = None if schema is None else _schema(schema)
        loaded = load(context, config)
        asked = target_of(loaded, target)
        rows = [] if given is None else _rows(row, content, json, given)
        ids = [asked.id] if given is not None else [asked.id, loaded.accounts.shared.id]
        accounts = enter(context, loaded, dict.fromkeys(ids))
        serving = None if given is not None else served(loaded, accounts, asked)
        known = given or (serving.schema if serving else None)
        rows = rows or _rows(row, content, json, known, None if serving is None else serving.features)
        found = ask(loaded, accounts, asked, rows, known)
        if serving is not None and known is None:
            of = f"data set {serving.dataset}" if serving.dataset else "what this model was trained on"
            terminal.note(f"{of} has no schema, so rows are numbers in the order of training, and so is the answer")
        _show(found, terminal)
        return Outcome(
            {
                "target": asked.name,
                "dataset": serving.dataset if serving else None,
                "model": serving.digest if serving else None,
                "label": known.label.name if known else None,
                "classes": list(known.label.categories) if known else [],
                "predictions": [asdict(each) for each in found],
            }
        )

    execute("predict", output, work, interrupted=NOTHING_CHANGED if batch is None else GOES_ON)


def _files(
    context: typer.Context, config: Config, terminal: Terminal, source: str, output: str, target: str | None
) -> Outcome:
    wanted, place = batch_target(config, target)
    asked = files(wanted, source, output)
    accounts = enter(context, config, [place.id])
    with terminal.board() as board:

        def waiting(job: str, status: str, seconds: float) -> None:
            board.show([f"batch transform {job} in {place.name}: {status}, after {seconds // 10 * 10:.0f} s"])

        done = predict_files(config, accounts, asked, services(context).sleep, waiting)
    ran = "" if done.seconds is None else f" in {done.seconds:.0f} s"
    ended = "had been completed" if done.before else "completed"
    terminal.line(f"batch transform {done.job} in {done.target}: {ended}{ran}")
    for file, answer in done.answers.items():
        terminal.line(f"{file} → {answer}")
    cost = transform_cost(config, place, done.seconds)
    if cost is not None:
        terminal.line(f"cost: {usd_text(cost)} USD, by the time that it ran (docs/costs.md)")
    return Outcome({**asdict(done), "usd": cost})


def _read(path: Path, largest: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=path) from None
    if len(content) > largest:
        raise InputError(f"has over {largest >> 20} MiB", file=path)
    return content


def _schema(path: Path) -> Schema:
    try:
        return Schema.parse(_read(path, LARGEST_SCHEMA))
    except NotInSchema as error:
        raise InputError(str(error), file=path) from None


def _rows(
    path: Path | None, content: bytes | None, text: str | None, schema: Schema | None, features: int | None = None
) -> list[str]:
    """``features`` is how many the model has, where that is known without a schema.

    Raises :class:`InputError` with every fault of every row."""
    numbers = "give the features as numbers, in the order of training, with --row FILE; or --schema FILE"
    is_json = content is None or content.lstrip()[:1] in (b"{", b"[")
    if is_json and schema is None:
        raise InputError("the data set of the serving model has no schema, so there are no names", next_step=numbers)
    try:
        if is_json and schema is not None:
            return of_json(text if content is None else content, schema)  # type: ignore[arg-type]
        return of_table(content or b"", schema, features)
    except NotInSchema as error:
        first, *others = error.faults
        step = None if schema is not None else numbers
        raise InputError(first, file=path or "--json", details=tuple(others[:50]), next_step=step) from None


def _show(found: list[Prediction], terminal: Terminal) -> None:
    if len(found) == 1:
        terminal.line(_told(found[0]))
        return
    rows = [
        (str(place), each.label or f"{each.value:g}", "" if each.probability is None else f"{each.probability:.4f}")
        for place, each in enumerate(found, 1)
    ]
    terminal.table(("ROW", "PREDICTION", "PROBABILITY"), rows)


def _told(prediction: Prediction) -> str:
    what = prediction.label or f"{prediction.value:g}"
    return what if prediction.probability is None else f"{what}, probability {prediction.probability:.4f}"
