"""The workflow of GitHub Actions: pull requests are verified and planned, merges do what was reviewed.

GitHub Docs, "Workflow syntax for GitHub Actions" [D]; the inputs of aws-actions/configure-aws-credentials, its
action.yml [C]."""

import re
from shlex import quote

from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config
from xacct_ml.operations.entry_roles.github import GITHUB_OPERATOR, GITHUB_READER, READER, GitHub
from xacct_ml.system.names import Names

WORKFLOW_FILE = "xacct-ml.yml"

_TEXT = """\
# Written by xacct-ml render --github. Of actions pin the commits, where your rules ask for that.
name: xacct-ml

on:
  pull_request:
    branches: [«branch»]
  push:
    branches: [«branch»]

permissions: {}

defaults:
  run:
    shell: bash

env:
  MAP: config.yaml
  # What pip installs: xacct-ml is on no index yet. A revision of your copy of it: git+https://…@REVISION
  XACCT_ML: ${{ vars.XACCT_ML }}

jobs:
  review:
    # A pull request from a fork gets no token: only what needs no account is done for it.
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write
      security-events: write
    steps:
      - uses: actions/checkout@v5
        with:
          persist-credentials: false
      - uses: actions/setup-python@v6
        with:
          python-version: "3.12"
      - name: Install
        run: pip install "${XACCT_ML:?the variable XACCT_ML of the repository names what pip installs}"
      - name: Every hop is allowed, everything else denied
        run: xacct-ml verify --config "$MAP" --quiet --sarif verify.sarif
      - name: Findings go to code scanning
        if: ${{ !cancelled() && hashFiles('verify.sarif') != '' }}
        uses: github/codeql-action/upload-sarif@v4
        with:
          sarif_file: verify.sarif
      - uses: aws-actions/configure-aws-credentials@v5
        with:
          role-to-assume: «reader-role»
          aws-region: «region»
      - name: What is in the accounts now
        continue-on-error: true
        run: xacct-ml verify --config "$MAP" --quiet --live --as-role «reader»
      - name: Plan
        run: |
          xacct-ml plan --config "$MAP" --as-role «reader» --out plan.json | tee plan.txt
          { echo '```'; cat plan.txt; echo '```'; } >> "$GITHUB_STEP_SUMMARY"
      - uses: actions/upload-artifact@v4
        with:
          name: plan
          path: |
            plan.json
            plan.txt

  bootstrap:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
«environment»    concurrency:
      group: xacct-ml-bootstrap
      cancel-in-progress: false
    permissions:
      actions: read
      contents: read
      id-token: write
      pull-requests: read
    steps:
      - uses: actions/checkout@v5
        with:
          persist-credentials: false
      - uses: actions/setup-python@v6
        with:
          python-version: "3.12"
      - name: Install
        run: pip install "${XACCT_ML:?the variable XACCT_ML of the repository names what pip installs}"
      - name: The plan that was reviewed
        env:
          GH_TOKEN: ${{ github.token }}
        run: |
          head=$(gh api "repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA/pulls" --jq '.[0].head.sha')
          run=$(gh run list --workflow «file» --event pull_request --commit "$head" --status success --limit 1 \\
            --json databaseId --jq '.[0].databaseId')
          gh run download "$run" --name plan
      - uses: aws-actions/configure-aws-credentials@v5
        with:
          role-to-assume: «operator-role»
          aws-region: «region»
«profiles»      - name: Bootstrap what was reviewed, or nothing
        run: xacct-ml bootstrap --config "$MAP" plan.json
      - name: What is in the accounts now
        run: xacct-ml verify --config "$MAP" --quiet --live
"""

_PROFILES = """\
      - name: The profiles of the map are this job's credentials
        run: |
          for profile in «names»; do
            aws configure set aws_access_key_id "$AWS_ACCESS_KEY_ID" --profile "$profile"
            aws configure set aws_secret_access_key "$AWS_SECRET_ACCESS_KEY" --profile "$profile"
            aws configure set aws_session_token "$AWS_SESSION_TOKEN" --profile "$profile"
          done
"""


def workflow(config: Config, github: GitHub) -> str:
    names = Names(config)
    profiles = sorted({account.profile for _, account in named_accounts(config) if account.profile is not None})
    places = {
        "branch": github.branch,
        "environment": "" if github.environment is None else f"    environment: {github.environment}\n",
        "file": WORKFLOW_FILE,
        "operator-role": names.role_arn(names.shared, GITHUB_OPERATOR),
        "profiles": _PROFILES.replace("«names»", " ".join(map(quote, profiles))) if profiles else "",
        "reader": f"{config.roles.path}{names.role_name(READER)}".lstrip("/"),
        "reader-role": names.role_arn(names.shared, GITHUB_READER),
        "region": config.region,
    }
    return re.sub(r"«([\w-]+)»", lambda place: places[place[1]], _TEXT)
