"""Writes what each version of SageMaker's XGBoost container accepts, reports and computes, from the container itself.

``python -m tools.make_xgboost_tables CHECKOUT [VERSION=PYTHON…]``, where CHECKOUT is a clone (a bare one will do) of
https://github.com/aws/sagemaker-xgboost-container (Apache-2.0). Each version's own validators are run, in a process of
their own, and asked; none of its code is copied. Where a PYTHON is given that has the version's XGBoost and
scikit-learn (below 1.6 for images before 3.2, as in the container's requirements.txt), it is also trained with what the
validators took (tools/xgboost_training_probe.py). Two files come of it:

- ``xacct_ml/tables/data/xgboost_containers.toml``: the facts, with the commits they are of;
- ``tests/tables/data/container_verdicts.jsonl``: what the validators, and then training, say to 2,763
  combinations, which the product's own rules are held against."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.container_combinations import combinations

ROOT = Path(__file__).parent.parent
FACTS = ROOT / "xacct_ml" / "tables" / "data" / "xgboost_containers.toml"
VERDICTS = ROOT / "tests" / "tables" / "data" / "container_verdicts.jsonl"
PROBE = Path(__file__).with_name("xgboost_container_probe.py")
TRAINING = Path(__file__).with_name("xgboost_training_probe.py")
REPOSITORY = "https://github.com/aws/sagemaker-xgboost-container"

REFS = {
    "0.90-1": "0.90-1",
    "0.90-2": "0.90-2",
    "1.0-1": "1.0-1",
    "1.2-1": "1.2-1",
    "1.2-2": "1.2-2",
    "1.3-1": "1.3-1",
    "1.5-1": "1.5-1",
    "1.7-1": "1.7-1",
    "3.0-5": "v3.0-5",
    "3.2-0": "master",
}
"""Image version → branch or tag it is built from, in the order of release. 3.2-0 has none of its own yet: the image's
Dockerfile (aws/deep-learning-containers) clones the default branch [C]."""

HEAD = f"""\
# What each version of SageMaker's XGBoost container accepts, reports and computes.
#
# Written by tools/make_xgboost_tables.py from {REPOSITORY} (Apache-2.0):
# its validators were run and asked [C]. Where a version is under `measured`, the XGBoost named there was trained with
# what they took, and the container's own metrics were computed by its own code. Do not edit: what makes training fail
# beyond that is in xgboost_beyond.toml.
#
# A fact stands behind the versions it holds of, a first and a last in the order of `sources`.
# integer, float: an interval as written in mathematics; choice: one of these words; list: some of these words, with
# commas between them; form: a form of its own, in xgboost_hyperparameters.py.
"""


def ask(
    checkout: Path, ref: str, given: Sequence[Mapping[str, str]], probe: Path = PROBE, python: str = sys.executable
) -> dict[str, Any]:
    """A probe's answer for one branch or tag."""
    archive = subprocess.run(["git", "-C", str(checkout), "archive", ref, "src"], check=True, stdout=subprocess.PIPE)
    with TemporaryDirectory() as directory:
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as packed:
            packed.extractall(directory, filter="data")
        done = subprocess.run(
            [python, str(probe), str(Path(directory) / "src")],
            check=True,
            input=json.dumps(given).encode(),
            stdout=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"},
        )
    # XGBoost prints before it.
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def by_versions(of: Mapping[str, str]) -> dict[str, str]:
    """Version → fact, as first and last version → fact; versions without the fact are left out."""
    versions, runs = list(REFS), dict[str, str]()
    first = last = None
    for version in [*versions, None]:
        fact = of.get(version) if version else None
        if first is not None and (fact is None or fact != of[first]):
            runs[first if first == last else f"{first}..{last}"] = of[first]
            first = None
        if fact is not None:
            first = first or version
        last = version
    return runs


def table(title: str, rows: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield f"\n[{title}]"
    for name, of in rows.items():
        runs = ", ".join(f"{json.dumps(span)} = {literal(fact)}" for span, fact in by_versions(of).items())
        yield f"{name if re.fullmatch('[A-Za-z0-9_-]+', name) else json.dumps(name)} = {{ {runs} }}"


def literal(fact: str) -> str:
    return f"'{fact}'" if "\\" in fact else json.dumps(fact)


def gathered(answers: Mapping[str, dict[str, Any]], part: str) -> dict[str, dict[str, str]]:
    """Name → version → fact, of one part of the answers' facts."""
    first = ("num_round", "num_class") if part == "hyperparameters" else ()
    names = sorted({name for answer in answers.values() for name in answer["facts"][part]})
    return {
        name: {
            version: answer["facts"][part][name] for version, answer in answers.items() if name in answer["facts"][part]
        }
        for name in [*first, *(name for name in names if name not in first)]
    }


def trained(answers: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    """What training said, of the versions that it was asked of."""
    yield from table("measured", {"xgboost": {version: each["xgboost"] for version, each in answers.items()}})
    for title in ("default_metrics", "metrics_that_fail", "metrics_that_are_wrong"):
        rows = sorted({name for each in answers.values() for name in each[title]})
        yield from table(
            title,
            {
                row: {version: each[title][row] for version, each in answers.items() if row in each[title]}
                for row in rows
            },
        )


def content(checkout: Path, answers: Mapping[str, dict[str, Any]], training: Mapping[str, dict[str, Any]]) -> str:
    lines = [HEAD, "[sources]"]
    for version, ref in REFS.items():
        asked = ["git", "-C", str(checkout), "rev-parse", f"{ref}^{{commit}}"]
        commit = subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        lines.append(f'"{version}" = "{ref}, commit {commit}"')
    for title in ("hyperparameters", "rules", "words", "custom", "data", "serving"):
        lines += table(title, gathered(answers, title))
    reported = {
        "names": {version: " ".join(answer["facts"]["metrics"]) for version, answer in answers.items()},
        "log_line": {version: answer["facts"]["log_line"] for version, answer in answers.items()},
    }
    lines += table("metrics", reported)
    lines += table("aliases", gathered(answers, "aliases"))
    lines += trained(training)
    return "\n".join(lines) + "\n"


def main() -> None:
    checkout = Path(sys.argv[1])
    given = list(combinations())
    pythons = dict(argument.split("=", 1) for argument in sys.argv[2:])
    answers = {version: ask(checkout, ref, given) for version, ref in REFS.items()}
    training = {
        version: ask(checkout, ref, given, TRAINING, pythons[version])
        for version, ref in REFS.items()
        if version in pythons
    }
    FACTS.write_text(content(checkout, answers, training), encoding="utf-8")
    VERDICTS.parent.mkdir(exist_ok=True)
    with VERDICTS.open("w", encoding="utf-8") as file:
        source = {"source": REPOSITORY, "versions": list(REFS), "taken": "+", "refused": "-", "not asked": "."}
        file.write(json.dumps(source) + "\n")
        for position, each in enumerate(given):
            said = "".join("+" if answer["taken"][position] else "-" for answer in answers.values())
            then = "".join(training[version]["trains"][position] if version in training else "." for version in REFS)
            file.write(json.dumps([said, then, each], separators=(",", ":"), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
