"""``xacct-ml configure``."""

from typing import Annotated, Any

import typer

from xacct_ml.aws.clients import Clients
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, enter, execute, load
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.plan import tell_differences
from xacct_ml.config.model import Config
from xacct_ml.errors import CredentialsError, XacctError
from xacct_ml.operations import configure as operation
from xacct_ml.operations.command_names import CONFIGURE, CREATE_PIPELINE, SEND_VALUES, WATCH
from xacct_ml.operations.source_state import ConfigurationState
from xacct_ml.operations.upload import earlier_manifest
from xacct_ml.system.names import Names
from xacct_ml.system.template import CONFIGURATION_FILE, TEMPLATE_FILE

PushOption = Annotated[bool, typer.Option("--push", help="Commit (a zip: upload) it; write the data manifest.")]

ValuesOption = Annotated[
    bool,
    typer.Option(
        "--values", help="Also give configuration.json the map's gate, hyperparameters and instances, for the team's."
    ),
]

INTERRUPTED = "What was sent is there, and started a run; the same command goes on with what is missing."


def configure(
    context: typer.Context,
    push: PushOption = False,
    values: ValuesOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Bring template and data manifest to this release.

    Shows how template.yaml in the source differs from what this release renders, and parameters of configuration.json
    that the template does not have, or asks for. All other values there are the ML team's, and stay: which of them
    the map has otherwise is said, and with --values the map's replace them. The data manifest of an earlier release is
    written anew from what it says; the data are not sent again. Only with --push is anything changed; each change
    starts a run.

    Example: xacct-ml configure --push

    Example: xacct-ml configure --push --values"""

    def work(terminal: Terminal) -> Outcome:
        loaded = load(context, config)
        names = Names(loaded)
        accounts = enter(context, loaded, dict.fromkeys((names.shared, names.repository_account)))
        return run_configure(loaded, accounts, terminal, push=push, values=values)

    execute("configure", output, work, interrupted=INTERRUPTED)


def run_configure(
    config: Config, accounts: Clients, terminal: Terminal, *, push: bool, values: bool = False
) -> Outcome:
    """Show what differs and, with ``push``, send it: the data first, so that the source's run finds them."""
    state = operation.look(config, accounts, values=values)
    _show_source(config, state, terminal)
    data = _data(config, accounts, terminal, push=push)
    changed = state is not None and bool(state.changes)
    revision = operation.push(config, accounts, state) if push and state is not None and changed else None
    if revision is not None and state is not None:
        terminal.line(f"{state.place}: sent, revision {revision}")
    if push and (revision or data["renewed"]):
        only_values = state is not None and {change.path for change in state.changes} == {CONFIGURATION_FILE}
        terminal.line(f"next: {WATCH if values and only_values and not data['renewed'] else CREATE_PIPELINE}")
    elif not push and (changed or data["outdated"]):
        terminal.line(f"nothing was changed; next: {SEND_VALUES if values else CONFIGURE}")
    return Outcome(
        {
            "source": None if state is None else state.place,
            "changes": [] if state is None else [_change(change) for change in state.changes],
            "configuration_differences": [] if state is None else ConfigurationState(state.differences).rows(),
            "revision": revision,
            "data": data,
        }
    )


def _change(change: operation.FileChange) -> dict[str, Any]:
    return {"file": change.path, "diff": list(change.diff())}


def _show_source(config: Config, state: operation.SourceState | None, terminal: Terminal) -> None:
    if state is None:
        names = Names(config)
        terminal.line(
            f"{names.repository}, branch {names.branch}, can be read by the pipeline only. xacct-ml render --out "
            f"rendered writes {TEMPLATE_FILE} to rendered/{names.shared}/repository: compare it with the "
            f"repository's, and push it there. {CONFIGURATION_FILE} stays as it is there"
        )
        return
    if not state.changes:
        of = "the map" if state.values else "this release"
        terminal.line(f"{state.place}: {TEMPLATE_FILE} and {CONFIGURATION_FILE} are as {of} has them")
    else:
        terminal.heading(f"{state.place}:")
        for change in state.changes:
            for line in change.diff():
                terminal.line(line)
    if not state.values:
        tell_differences(terminal, ConfigurationState(state.differences))


def _data(config: Config, accounts: Clients, terminal: Terminal, *, push: bool) -> dict[str, Any]:
    """What becomes of the data manifest. One that cannot be renewed does not stop the source's renewal."""
    try:
        earlier = earlier_manifest.look(config, accounts)
    except CredentialsError:
        raise
    except XacctError as error:
        terminal.warn(f"{error.message}; next: {error.next_step}")
        return {"outdated": True, "renewed": False, "problem": error.message}
    if earlier is None:
        return {"outdated": False, "renewed": False, "problem": None}
    if not push:
        terminal.line(f"{earlier.uri}: an earlier release's, data set {earlier.dataset}; to be written anew")
        return {"outdated": True, "renewed": False, "problem": None}
    earlier_manifest.renew(config, accounts, earlier, terminal)
    terminal.line(f"{earlier.uri}: written anew, data set {earlier.dataset}")
    return {"outdated": False, "renewed": True, "problem": None}
