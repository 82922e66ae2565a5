"""``xacct-ml render``."""

from pathlib import Path
from typing import Annotated

import typer

from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, enter, execute, load
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.errors import InputError
from xacct_ml.operations.entry_roles.every import GITHUB, Said
from xacct_ml.operations.entry_roles.github import DEFAULT_BRANCH, GitHub
from xacct_ml.operations.entry_roles.how_to import PAGE
from xacct_ml.operations.entry_roles.people import Trusted
from xacct_ml.operations.entry_roles.trust import checked
from xacct_ml.operations.preconditions import known_keys
from xacct_ml.operations.render import KEY_NOTE, KEYS_NOTE, write

_OPERATORS, _APPROVERS = "--trusted", "--trusted-approvers"

OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write; made if it does not exist.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Write into a directory that has other files, too.")]
LiveOption = Annotated[
    bool, typer.Option("--live", help="With the ids of the keys that are in the accounts now; needs credentials.")
]
TrustedOption = Annotated[
    str | None,
    typer.Option(_OPERATORS, metavar="ARN", help="Who may assume the operators' roles: a role, a user, an account."),
]
TrustedApproversOption = Annotated[
    str | None, typer.Option(_APPROVERS, metavar="ARN", help="Who may assume the approvers' role of the map.")
]
GitHubOption = Annotated[
    str | None,
    typer.Option(
        "--github",
        metavar="OWNER/REPO",
        help="With the roles of this repository's workflow, which plans pull requests and bootstraps merges, and it.",
    ),
]
BranchOption = Annotated[
    str, typer.Option("--branch", metavar="NAME", help="The branch whose runs are operators, with --github.")
]
EnvironmentOption = Annotated[
    str | None,
    typer.Option("--environment", metavar="NAME", help="In place of the branch's, runs of this environment of GitHub."),
]


def render(
    context: typer.Context,
    out: OutOption,
    config: ConfigOption = DEFAULT_CONFIG,
    trusted: TrustedOption = None,
    trusted_approvers: TrustedApproversOption = None,
    github: GitHubOption = None,
    branch: BranchOption = DEFAULT_BRANCH,
    environment: EnvironmentOption = None,
    live: LiveOption = False,
    force: ForceOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Write every document as a file, for review.

    With an index.json, before anything exists, from the map alone. For operators and approvers also how their roles
    are made, with the smallest policies: by hand, AWS CLI, CloudFormation and Terraform.

    Example: xacct-ml render --out rendered

    Example: xacct-ml render --out rendered --live --trusted arn:aws:iam::111111111111:role/platform

    Example: xacct-ml render --out rendered --github my-org/churn --environment production"""

    def work(terminal: Terminal) -> Outcome:
        loaded = load(context, config)
        if github is None and (environment is not None or branch != DEFAULT_BRANCH):
            raise InputError("--branch and --environment are of --github OWNER/REPO")
        who = Trusted(
            None if trusted is None else checked(trusted, _OPERATORS),
            None if trusted_approvers is None else checked(trusted_approvers, _APPROVERS),
        )
        runs = None if github is None else GitHub(github, branch, environment)
        keys = known_keys(loaded, enter(context, loaded)) if live else None
        files = write(loaded, out, Said(keys, who, runs), force=force)
        terminal.table(("account", "kind", "file"), [(f.account, f.kind, f.path) for f in files])
        terminal.line(f"{len(files)} documents and index.json written to {out}")
        terminal.line(KEY_NOTE if keys is None else KEYS_NOTE)
        terminal.line(f"how the operators' roles are made: {out}/*/operator/{PAGE}")
        if runs is not None:
            terminal.line(f"and GitHub's: {out}/{loaded.accounts.shared.id}/{GITHUB}/{PAGE}")
        index = [{"kind": f.kind, "account": f.account, "name": f.name, "path": f.path} for f in files]
        return Outcome({"directory": str(out), "documents": index})

    execute("render", output, work, interrupted="Some files may be missing; the same command writes them all.")
