"""An estimate as a person reads it."""

from __future__ import annotations

from tests.configs import example
from tests.operations.costs.test_estimate import took
from xacct_ml.cli.views.costs import estimate_json, estimate_lines, run_json, run_lines, usd_text
from xacct_ml.operations.costs.estimate import cost_of_run, estimate

SERVERLESS = {"serverless": {"memory_mb": 2048}}


def test_the_day_of_the_prices_stands_first_then_sums_with_their_parts() -> None:
    """What is less than a cent stands together, what nobody knows the amount of by its unit."""
    first, *lines = estimate_lines(estimate(example(endpoint=SERVERLESS)))
    assert first.startswith("costs in USD, by AWS's list prices of 2026-07-30 or later, without tax, discounts and")
    assert [tuple(line.rsplit(maxsplit=1)) for line in lines[:5]] == [
        ("  each month, used or not", "1.00"),
        ("    1 KMS key in us-east-1", "1.00"),
        ("  a run of churn, at most about", usd_text(estimate(example(endpoint=SERVERLESS)).runs[0].usd)),
        ("    training: 1 × ml.m5.xlarge, at most 60 min", "0.23"),
        ("    volumes of training", "0.01"),
    ]
    assert len({len(line) for line in lines[:5]}) == 1
    assert "    Step Functions, Lambda                         <0.01" in lines
    used = next(line for line in lines if line.startswith("  as it is used: "))
    assert "a second of answers, by MB of memory: 2048 in us-east-1 0.00004" in used
    assert "a GB stored for a month in us-east-1 0.023" in used


def test_scheduled_runs_are_multiplied() -> None:
    """By the most that one costs."""
    found = estimate(example(schedule={"expression": "cron(0 6 ? * MON *)"}))
    lines = list(estimate_lines(found))
    (line,) = [one for one in lines if "scheduled runs" in one]
    assert line.startswith("  4.3 scheduled runs each month, at most about")
    assert line.endswith(f" {52 / 12 * found.runs[0].usd:.2f}")


def test_what_is_not_known_is_said_and_not_guessed() -> None:
    """In its place, in the sum, and once in words."""
    lines = list(estimate_lines(estimate(example("eu-central-1"))))
    assert lines[1].split()[-3:] == ["1.00", "+", "?"]
    assert lines[2].split()[0:2] == ["endpoint", "production:"]
    assert lines[2].endswith(" ?")
    assert lines[-1].startswith("  ?: no price is known of an hour of ml.m5.large, a month of an alarm")
    assert lines[-1].endswith(" in eu-central-1")


def test_an_approver_reads_three_sums_in_eighty_columns() -> None:
    """Until here, to come, and each month."""
    found = cost_of_run(example(), (took("Train", "StateMachine", 7), took("Judge", "Evaluation", 9)))
    assert found is not None
    begun, rest = found.until_here.usd, found.to_come.usd
    assert list(run_lines(found)) == [
        f"  cost     about {begun:.2f} USD until here, {rest:.2f} to come; 85.05 each month, used or",
        "           not (list prices of 2026-07-30)",
    ]
    elsewhere = cost_of_run(example("eu-central-1"), (took("Train", "StateMachine", 7),))
    assert elsewhere is not None
    assert all(len(line) <= 80 for line in run_lines(elsewhere))
    assert "?: an hour of ml.m5.xlarge" in " ".join(run_lines(elsewhere))


def test_as_json() -> None:
    """Null for what is not known; each price with its day."""
    shown = estimate_json(estimate(example("eu-central-1")))
    endpoint = shown["month"]["charges"][0]
    assert (endpoint["usd"], endpoint["seen"], endpoint["quantity"]) == (None, None, 730)
    assert shown["as_of"] == "2026-11-29"
    found = run_json(cost_of_run(example(), ()))
    assert found is not None
    assert set(found) == {"as_of", "until_here", "to_come", "month"}
    assert run_json(None) is None
