"""Limits of the services and contradictions within the map: what is refused, where, and why."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from tests.config.maps import MINIMAL, changed, refusal
from xacct_ml.config.model import Config
from xacct_ml.system.names import Names
from xacct_ml.validation import limits, load
from xacct_ml.validation.described import longest_job

ROLE = "arn:aws:iam::111111111111:role/operator"
HYPERPARAMETERS = "    num_round: 10\n"


def with_account(*lines: str) -> str:
    return changed('    id: "111111111111"\n', "".join(f"    {line}\n" for line in ('id: "111111111111"', *lines)))


def with_hyperparameter(line: str) -> str:
    return changed(HYPERPARAMETERS, f"{HYPERPARAMETERS}    {line}\n")


REFUSED: dict[str, tuple[str, tuple[int, int], str]] = {
    # where
    "unknown region": (
        changed("us-east-1", "us-esat-1"),
        (2, 9),
        "unknown region 'us-esat-1'; did you mean 'us-east-1'?",
    ),
    "availability zone": (changed("us-east-1", "eu-west-1a"), (2, 9), "did you mean 'eu-west-1'?"),
    "region in capitals": (changed("us-east-1", "EU-WEST-1"), (2, 9), "did you mean 'eu-west-1'?"),
    "no registry": (changed("us-east-1", "mx-central-1"), (2, 9), "no SageMaker XGBoost image is known in region"),
    "XGBoost version": (
        changed("training:\n  hyper", "training:\n  xgboost_version: 1.7-2\n  hyper"),
        (11, 20),
        "unknown SageMaker XGBoost version '1.7-2'; did you mean '1.7-1'? allowed: 0.90-1",
    ),
    # accounts
    "short id": (changed("111111111111", "11111"), (5, 9), "has 5 characters; allowed: 12"),
    "id with dashes": (changed("111111111111", "1111-1111-11"), (5, 9), "'1111-1111-11' has another form"),
    # what the source may choose
    "its own type is not allowed": (
        changed("training:\n  hyper", "training:\n  allowed: {instance_types: [ml.m5.large]}\n  hyper"),
        (11, 29),
        "training.instance_type ml.m5.xlarge is not among them",
    ),
    "a type that is none": (
        changed("training:\n  hyper", "training:\n  allowed: {instance_types: [ml.m5.xlarge, m5]}\n  hyper"),
        (11, 44),
        "'m5' has another form",
    ),
    "its own run time is not allowed": (
        changed(
            "training:\n  hyper",
            "training:\n  allowed: {instance_types: [ml.m5.xlarge], max_runtime_seconds: 60}\n  hyper",
        ),
        (11, 66),
        "training.max_runtime_seconds is 3600, more than it allows",
    ),
    "a wait without spot": (
        changed("training:\n  hyper", "training:\n  max_wait_seconds: 7200\n  hyper"),
        (11, 21),
        "only a spot training waits: add training.spot: true",
    ),
    "a wait shorter than the run": (
        changed("training:\n  hyper", "training:\n  spot: true\n  max_wait_seconds: 3599\n  hyper"),
        (12, 21),
        "3599 is less than a training may run: 3600 seconds",
    ),
    "exact trees on two instances": (
        changed("training:\n  hyper", "training:\n  instance_count: 2\n  hyper").replace(
            "num_round: 10", "num_round: 10\n    tree_method: exact"
        ),
        (14, 18),
        "the tree method exact is for one instance",
    ),
    # approvers
    "three approvals": (f"{MINIMAL}approvals: 3\n", (15, 12), "3 approvals; allowed: 1, or 2 by different people"),
    "two approvals by nobody": (f"{MINIMAL}approvals: 2\n", (15, 12), "give approvers.role_arn, too"),
    "approvers elsewhere": (
        f"{MINIMAL}approvers:\n  role_arn: arn:aws:iam::222222222222:role/approver\n",
        (16, 13),
        "the role belongs to account 222222222222, not to 111111111111",
    ),
    "the operator approves": (
        with_account(f"role_arn: {ROLE}") + f"approvers:\n  role_arn: {ROLE}\n",
        (17, 13),
        "is the operator's role of the shared account too",
    ),
    "same shared and training": (
        changed("222222222222", "111111111111"),
        (7, 9),
        "is 111111111111 like accounts.shared.id",
    ),
    "same training and production": (changed("333333333333", "222222222222"), (9, 11), "like accounts.training.id"),
    "same in production": (
        changed('    - id: "333333333333"', '    - id: "333333333333"\n    - {id: "333333333333", name: b}'),
        (10, 12),
        "accounts.production.1.id is 333333333333 like accounts.production.0.id",
    ),
    "same target names": (
        changed('    - id: "333333333333"', '    - id: "333333333333"\n    - id: "444444444444"'),
        (10, 7),
        "the production account's name 'production' is taken; give each its own `name`",
    ),
    "target name": (changed('- id: "3', '- name: Europe\n      id: "3'), (9, 13), "lower-case letters"),
    "no production": (changed('\n    - id: "333333333333"', " []"), (8, 15), "give at least one account"),
    "too many targets": (
        changed(
            '    - id: "333333333333"',
            "\n".join(f'    - {{id: "3333333333{index:02}", name: t{index}}}' for index in range(51)),
        ),
        (9, 5),
        "51 production accounts; allowed: up to 50",
    ),
    "profile": (with_account("profile: '[x]'"), (6, 14), "a profile's name, without brackets"),
    "external id": (with_account(f"role_arn: {ROLE}", "external_id: a b"), (7, 18), "letters, digits and _+=,.@:/-"),
    "short external id": (with_account(f"role_arn: {ROLE}", "external_id: a"), (7, 18), "allowed: 2 to 1224"),
    "external id without role": (with_account("external_id: abc"), (6, 5), "give role_arn, or leave external_id out"),
    "no role": (with_account("role_arn: arn:aws:iam::111111111111:user/me"), (6, 15), "is not a role's ARN"),
    "role of any path": (
        with_account(f"role_arn: {ROLE.replace('role/', 'role/*/')}"),
        (6, 15),
        "has a *, which policies",
    ),
    "role of a letter": (
        with_account(f"role_arn: {ROLE.replace('role/', 'role/?/')}"),
        (6, 15),
        "has a ?, which policies",
    ),
    "role of a variable": (
        with_account(f"role_arn: '{ROLE.replace('role/', 'role/${aws:username}/')}'"),
        (6, 15),
        "has a ${, which policies",
    ),
    "role of another account": (
        with_account(f"role_arn: {ROLE.replace('1' * 12, '9' * 12)}"),
        (6, 15),
        "belongs to account 99",
    ),
    "role of another partition": (
        with_account(f"role_arn: {ROLE.replace('aws', 'aws-cn')}"),
        (6, 15),
        "the role is in partition aws-cn; region us-east-1 is in aws",
    ),
    # names
    "long project": (changed("churn", "a" * 21), (1, 10), "project: has 21 characters; allowed: 1 to 20"),
    "project in capitals": (
        changed("churn", "Churn"),
        (1, 10),
        "project: 'Churn' has another form; allowed: lower-case",
    ),
    "project with underscore": (changed("churn", "my_churn"), (1, 10), "single hyphens"),
    "project with digit first": (changed("churn", "1churn"), (1, 10), "beginning with a letter"),
    "project ends with hyphen": (changed("churn", "churn-"), (1, 10), "single hyphens"),
    "project not ASCII": (changed("churn", "chürn"), (1, 10), "has another form"),
    "empty project": (changed("churn", "''"), (1, 10), "has 0 characters"),
    "project makes a reserved bucket": (
        changed("churn", "sthree"),
        (1, 10),
        "begins with 'sthree-', which S3 reserves",
    ),
    "role name too long": (
        MINIMAL + f"roles: {{name_prefix: {'x' * 44}}}\n",
        (15, 22),
        "has 65 characters; shorten it or project by 1",
    ),
    "role name prefix": (MINIMAL + "roles: {name_prefix: a/b}\n", (15, 22), "letters, digits and _+=,.@-"),
    "role path without slash": (MINIMAL + "roles: {path: /team}\n", (15, 15), "with a slash at both ends"),
    "role path with wildcard": (MINIMAL + "roles: {path: /te*m/}\n", (15, 15), "roles.path: '/te*m/' has another form"),
    "reserved role path": (MINIMAL + "roles: {path: /aws-service-role/x/}\n", (15, 15), "a path that AWS reserves"),
    "long role path": (MINIMAL + f"roles: {{path: /{'x' * 511}/}}\n", (15, 15), "allowed: 1 to 512"),
    "boundary as ARN": (
        MINIMAL + "roles: {permissions_boundary: 'arn:aws:iam::aws:policy/PowerUserAccess'}\n",
        (15, 31),
        "give the policy's name (with its path), not an ARN",
    ),
    "boundary": (MINIMAL + "roles: {permissions_boundary: a b}\n", (15, 31), "the name of a managed policy"),
    # storage
    "bucket in capitals": (MINIMAL + "bucket: {name: My-Bucket}\n", (15, 16), "lower-case letters"),
    "bucket with dots": (MINIMAL + "bucket: {name: my.bucket}\n", (15, 16), "no dots: TLS fails on them"),
    "bucket as IP": (MINIMAL + "bucket: {name: 192.168.5.4}\n", (15, 16), "no dots"),
    "short bucket": (MINIMAL + "bucket: {name: ab}\n", (15, 16), "has 2 characters; allowed: 3 to 63"),
    "long bucket": (MINIMAL + f"bucket: {{name: {'b' * 64}}}\n", (15, 16), "has 64 characters; allowed: 3 to 63"),
    "reserved bucket prefix": (MINIMAL + "bucket: {name: xn--bucket}\n", (15, 16), "begins with 'xn--'"),
    "reserved bucket suffix": (MINIMAL + "bucket: {name: bucket--x-s3}\n", (15, 16), "ends with '--x-s3'"),
    "bucket ends with hyphen": (MINIMAL + "bucket: {name: bucket-}\n", (15, 16), "ending with a letter or digit"),
    "noncurrent days": (MINIMAL + "bucket: {noncurrent_version_days: 0}\n", (15, 35), "allowed: 1 to 36500 days"),
    "short deletion window": (
        MINIMAL + "key: {deletion_window_days: 6}\n",
        (15, 29),
        "6 is out of range; allowed: 7 to 30 days",
    ),
    "long deletion window": (MINIMAL + "key: {deletion_window_days: 31}\n", (15, 29), "allowed: 7 to 30 days"),
    "retention": (
        MINIMAL + "logs: {retention_days: 31}\n",
        (15, 24),
        "31 is not a retention of CloudWatch Logs; allowed: 1, 3, 5",
    ),
    "data prefix with slash first": (MINIMAL + "data: {prefix: /data}\n", (15, 16), "none at the ends"),
    "data prefix with slash last": (MINIMAL + "data: {prefix: data/}\n", (15, 16), "none at the ends"),
    "data prefix with dots": (MINIMAL + "data: {prefix: a/../b}\n", (15, 16), "has a part . or .."),
    "data prefix with wildcard": (MINIMAL + "data: {prefix: 'da*a'}\n", (15, 16), "has another form"),
    "data prefix with variable": (MINIMAL + "data: {prefix: '${aws:username}'}\n", (15, 16), "has another form"),
    "long data prefix": (MINIMAL + f"data: {{prefix: {'d' * 129}}}\n", (15, 16), "allowed: 1 to 128"),
    "data in models": (MINIMAL + "data: {prefix: models}\n", (15, 16), "overlaps models/, which the pipeline writes"),
    "data under evaluations": (MINIMAL + "data: {prefix: evaluations/data}\n", (15, 16), "overlaps evaluations/"),
    "data among judged models": (
        MINIMAL + "data: {prefix: judged}\n",
        (15, 16),
        "overlaps judged/, which the pipeline",
    ),
    "data held out": (MINIMAL + "data: {prefix: holdout/x}\n", (15, 16), "overlaps holdout/"),
    "data in scores": (MINIMAL + "data: {prefix: scores}\n", (15, 16), "overlaps scores/"),
    "data under withdrawn": (
        MINIMAL + "data: {prefix: withdrawn/x}\n",
        (15, 16),
        "overlaps withdrawn/, which the pipeline writes; give another prefix",
    ),
    "data under checkpoints": (MINIMAL + "data: {prefix: checkpoints/x}\n", (15, 16), "overlaps checkpoints/"),
    "data among artifacts": (MINIMAL + "data: {prefix: churn}\n", (1, 10), "under churn*, which overlaps churn/"),
    "data begins like artifacts": (MINIMAL + "data: {prefix: churn-data/x}\n", (1, 10), "which overlaps churn-data/x/"),
    "artifacts begin like models": (
        MINIMAL + "pipeline: {name: mod}\n",
        (15, 18),
        "under mod*, which overlaps models/",
    ),
    "project is the data prefix": (changed("churn", "data"), (1, 10), "under data*, which overlaps data/"),
    # pipeline
    "pipeline name": (MINIMAL + "pipeline: {name: my pipeline}\n", (15, 18), "letters, digits and .@-_"),
    "long pipeline name": (MINIMAL + f"pipeline: {{name: {'p' * 93}}}\n", (15, 18), "allowed: 1 to 92"),
    "repository": (MINIMAL + "pipeline: {repository: a/b}\n", (15, 24), "letters, digits and ._-"),
    "repository with .git": (MINIMAL + "pipeline: {repository: churn.git}\n", (15, 24), "ends with .git"),
    "branch as reference": (MINIMAL + "pipeline: {branch: refs/heads/main}\n", (15, 20), "short name, such as 'main'"),
    "branch with space": (MINIMAL + "pipeline: {branch: my branch}\n", (15, 20), "is not a git branch name"),
    "branch with dots": (MINIMAL + "pipeline: {branch: a..b}\n", (15, 20), "is not a git branch name"),
    "branch with lock": (MINIMAL + "pipeline: {branch: a.lock/b}\n", (15, 20), "is not a git branch name"),
    "model package group": (
        MINIMAL + "registry: {model_package_group: Churn_Models}\n",
        (15, 33),
        "lower-case letters, digits and inner hyphens",
    ),
    "long model package group": (
        MINIMAL + f"registry: {{model_package_group: {'g' * 64}}}\n",
        (15, 33),
        "allowed: 1 to 63",
    ),
    "long branch": (MINIMAL + f"pipeline: {{branch: {'b' * 257}}}\n", (15, 20), "allowed: 1 to 256"),
    # training
    "training instance": (
        changed("training:\n  hyper", "training:\n  instance_type: m5.large\n  hyper"),
        (11, 18),
        "training.instance_type: 'm5.large' has another form; allowed: an instance type such as ml.m5.large",
    ),
    "no instances": (
        changed("training:\n  hyper", "training:\n  instance_count: 0\n  hyper"),
        (11, 19),
        "allowed: 1 to 100",
    ),
    "no volume": (
        changed("training:\n  hyper", "training:\n  volume_gb: 0\n  hyper"),
        (11, 14),
        "allowed: 1 to 16384 GB",
    ),
    "long run time": (
        changed("training:\n  hyper", "training:\n  max_runtime_seconds: 518401\n  hyper"),
        (11, 24),
        "allowed: 1 to 518400 seconds, because CodePipeline waits for 7 days",
    ),
    "no num_round": (changed(HYPERPARAMETERS, ""), (11, 3), "training.hyperparameters.num_round is missing"),
    "num_round 0": (
        changed("num_round: 10", "num_round: 0"),
        (12, 16),
        "'0' is not allowed; allowed: a whole number in [1, inf)",
    ),
    "num_round fraction": (changed("num_round: 10", "num_round: 10.0"), (12, 16), "a whole number"),
    "unknown hyperparameter": (with_hyperparameter("maxdepth: 3"), (13, 5), "'maxdepth'; did you mean 'max_depth'?"),
    "alias": (
        with_hyperparameter("learning_rate: 0.1"),
        (13, 5),
        "'learning_rate' is another name of 'eta'; use 'eta'",
    ),
    "eta": (with_hyperparameter("eta: 1.5"), (13, 10), "'1.5' is not allowed; allowed: a number in [0, 1]"),
    "eta not a number": (with_hyperparameter("eta: .nan"), (13, 10), "'nan' is not allowed"),
    "gamma infinite": (with_hyperparameter("gamma: .inf"), (13, 12), "'inf' is not allowed"),
    "subsample open": (with_hyperparameter("subsample: 0"), (13, 16), "a number in (0, 1]"),
    "tree method": (with_hyperparameter("tree_method: fast"), (13, 18), "one of approx, auto, exact, gpu_hist, hist"),
    "quote": (with_hyperparameter("updater: 'a\"b'"), (13, 14), "letters, digits, spaces and _.:,@()[]{}+-"),
    "backslash": (with_hyperparameter("updater: 'a\\b'"), (13, 14), "letters, digits, spaces and"),
    "long value": (with_hyperparameter(f"updater: {'a' * 2501}"), (13, 14), "allowed: 0 to 2500"),
    "eval_metric with space": (changed("eval_metric: auc", "eval_metric: auc, error"), (14, 18), "without spaces"),
    "num_class missing": (changed("binary:logistic", "multi:softmax"), (11, 3), "num_class is missing"),
    "metric not reported": (
        changed("eval_metric: auc", "eval_metric: error,logloss"),
        (14, 18),
        "not report validation:auc: training.hyperparameters.eval_metric asks for error, logloss; add auc",
    ),
    "metric not the default": (
        changed("    eval_metric: auc\n", "") + "quality_gate: {metric: validation:auc}\n",
        (14, 24),
        "without eval_metric, objective binary:logistic reports logloss; add auc",
    ),
    # gate
    "gate on train": (MINIMAL + "quality_gate: {metric: train:auc}\n", (15, 24), "use 'validation:auc'"),
    "gate without channel": (MINIMAL + "quality_gate: {metric: auc}\n", (15, 24), "did you mean 'validation:auc'?"),
    "gate misspelt": (MINIMAL + "quality_gate: {metric: validation:aux}\n", (15, 24), "did you mean 'validation:auc'?"),
    "gate unknown": (
        MINIMAL + "quality_gate: {metric: validation:profit}\n",
        (15, 24),
        "use one of validation:accuracy",
    ),
    "gate unknown with direction": (
        MINIMAL + "quality_gate: {metric: validation:profit, threshold: -5, direction: minimize}\n",
        (15, 24),
        "unknown metric 'validation:profit'",
    ),
    "gate with threshold": (
        changed("eval_metric: auc", "eval_metric: error@0.7")
        + "quality_gate: {metric: validation:error@0.7, threshold: 0.2, direction: minimize}\n",
        (15, 24),
        "by the image's own patterns, and none has validation:error@0.7; use validation:error",
    ),
    "gate on what is computed wrongly": (
        changed("eval_metric: auc", "eval_metric: rmse") + "quality_gate: {metric: validation:rmse, threshold: 1}\n",
        (15, 24),
        "image 1.7-1 computes validation:rmse wrongly for objective binary:logistic",
    ),
    "metric without objective": (
        changed("    objective: binary:logistic\n", ""),
        (11, 3),
        "training.hyperparameters.objective is missing: with eval_metric auc the container requires it",
    ),
    "constraints without tree method": (
        with_hyperparameter('monotone_constraints: "(0, -1)"'),
        (13, 27),
        "needs tree_method exact or hist, said in so many words",
    ),
    "early stopping without metric": (
        changed("    eval_metric: auc\n", "    early_stopping_rounds: 5\n")
        + "quality_gate: {metric: validation:logloss, threshold: 0.3}\n",
        (14, 28),
        "without eval_metric the container ignores it",
    ),
    "gate of another form": (
        MINIMAL + "quality_gate: {metric: profit, direction: maximize}\n",
        (15, 24),
        "allowed: validation:<metric>",
    ),
    "contrary direction": (
        MINIMAL + "quality_gate: {metric: validation:auc, direction: minimize}\n",
        (15, 51),
        "validation:auc improves when it is maximized",
    ),
    "threshold above": (
        MINIMAL + "quality_gate: {threshold: 80}\n",
        (15, 27),
        "80 is out of validation:auc's range; allowed: 0 to 1",
    ),
    "threshold below": (MINIMAL + "quality_gate: {threshold: -0.1}\n", (15, 27), "out of validation:auc's range"),
    "threshold NaN": (MINIMAL + "quality_gate: {threshold: .nan}\n", (15, 27), "must be a finite number"),
    "threshold infinite": (MINIMAL + "quality_gate: {threshold: -.inf}\n", (15, 27), "must be a finite number"),
    # endpoint
    "endpoint in capitals": (MINIMAL + "endpoint: {name: Churn}\n", (15, 18), "lower-case letters"),
    "endpoint ends with hyphen": (MINIMAL + "endpoint: {name: churn-}\n", (15, 18), "inner hyphens"),
    "long endpoint": (MINIMAL + f"endpoint: {{name: {'e' * 64}}}\n", (15, 18), "allowed: 1 to 63"),
    "endpoint instance": (MINIMAL + "endpoint: {instance_type: large}\n", (15, 27), "an instance type such as"),
    "endpoint without instances": (
        MINIMAL + "endpoint: {instance_count: 0}\n",
        (15, 28),
        "allowed: 1 to 100 instances",
    ),
    "serverless and instances": (
        MINIMAL + "endpoint: {instance_count: 1, serverless: {}}\n",
        (15, 31),
        "either instances or serverless",
    ),
    "a bucket for files that is none": (
        MINIMAL + "batch: {bucket: My_Files}\n",
        (15, 17),
        "'My_Files' has another form",
    ),
    "the project's own bucket": (
        MINIMAL + "batch: {bucket: churn-111111111111-us-east-1}\n",
        (15, 17),
        "is the project's own bucket; files lie in one of the target's account",
    ),
    "files of an unknown target": (
        MINIMAL + "batch: {bucket: my-files, target: productoin}\n",
        (15, 35),
        "the map has no target 'productoin'; did you mean 'production'? allowed: production",
    ),
    "no instance for files": (
        MINIMAL + "batch: {bucket: my-files, instance_count: 0}\n",
        (15, 43),
        "0 is out of range",
    ),
    "memory": (MINIMAL + "endpoint: {serverless: {memory_mb: 1500}}\n", (15, 36), "1024 to 6144 MB in steps of 1024"),
    "capture without instances": (
        MINIMAL + "endpoint: {serverless: {}, capture: {}}\n",
        (15, 28),
        "a serverless endpoint captures nothing",
    ),
    "scaling without instances": (
        MINIMAL + "endpoint: {serverless: {}, autoscaling: {min: 1, max: 2, target_invocations: 5}}\n",
        (15, 28),
        "a serverless endpoint scales by itself",
    ),
    "scaling upside down": (
        MINIMAL + "endpoint: {autoscaling: {min: 3, max: 2, target_invocations: 5}}\n",
        (15, 31),
        "min 3 is above max 2",
    ),
    "scaling beside the count": (
        MINIMAL + "endpoint: {autoscaling: {min: 2, max: 4, target_invocations: 5}}\n",
        (15, 12),
        "begins with instance_count 1, which is not from min to max",
    ),
    "scaling by nothing": (
        MINIMAL + "endpoint: {autoscaling: {min: 1, max: 4, target_invocations: 0}}\n",
        (15, 62),
        "allowed: 1 to 1000000 invocations",
    ),
    "capture of nothing": (MINIMAL + "endpoint: {capture: {percent: 0}}\n", (15, 31), "1 to 100 percent"),
    "capture for no day": (MINIMAL + "endpoint: {capture: {days: 0}}\n", (15, 28), "allowed: 1 to 36500 days"),
    "concurrency": (MINIMAL + "endpoint: {serverless: {max_concurrency: 201}}\n", (15, 42), "allowed: 1 to 200"),
    # tags
    "AWS tag": (MINIMAL + "tags: {'AWS:x': a}\n", (15, 8), "begins with 'aws:', which is reserved"),
    "our tag": (MINIMAL + "tags: {'xacct-ml:project': a}\n", (15, 8), "begins with 'xacct-ml:', which is reserved"),
    "tag key characters": (MINIMAL + "tags: {'a&b': c}\n", (15, 8), "the tag's key 'a&b' has other characters"),
    "tag key length": (MINIMAL + f"tags: {{{'k' * 129}: v}}\n", (15, 8), "129 characters; allowed: 1 to 128"),
    "tag value length": (MINIMAL + f"tags: {{k: {'v' * 257}}}\n", (15, 11), "257 characters; allowed: 1 to 256"),
    "tag value characters": (MINIMAL + "tags: {k: 'v;'}\n", (15, 11), "the tag's value 'v;' has other characters"),
    "empty tag value": (MINIMAL + "tags: {k: ''}\n", (15, 11), "0 characters; allowed: 1 to 256"),
    "tags that differ in case": (
        MINIMAL + "tags: {team: a, Team: b}\n",
        (15, 17),
        "'team' and 'Team' differ in case only",
    ),
    "too many tags": (
        MINIMAL + "tags:\n" + "".join(f"  t{number}: x\n" for number in range(48)),
        (16, 3),
        "48 tags; allowed: up to 47",
    ),
}


@pytest.mark.parametrize(("content", "place", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused(tmp_path: Path, content: str, place: tuple[int, int], reason: str) -> None:
    """Each is refused in one message, at the value to change, and nothing else is blamed."""
    error = refusal(tmp_path, content)
    assert reason in error.reason
    assert (error.line, error.column) == place
    assert error.details == ()


ACCEPTED = {
    "longest project": changed("churn", "a" * 20),
    "another partition": changed("us-east-1", "cn-north-1"),
    "role of a path": with_account("role_arn: arn:aws:iam::111111111111:role/a/b/operator", "external_id: abc"),
    "role and profile": with_account(f"role_arn: {ROLE}", "profile: my sso profile"),
    "longest role prefix": MINIMAL + f"roles: {{name_prefix: {'x' * 43}, path: /a/b/, permissions_boundary: /b/dev}}\n",
    "two targets": changed('    - id: "3', '    - {id: "444444444444", name: us}\n    - id: "3'),
    "hive-style prefix": MINIMAL + "data: {prefix: raw/kind=churn}\n",
    "prefix that begins like models": MINIMAL + "data: {prefix: models2}\n",
    "branch with slash": MINIMAL + "pipeline: {branch: feature/x-1.2}\n",
    "loss above one": changed("eval_metric: auc", "eval_metric: rmse").replace("binary:logistic", "reg:squarederror")
    + "quality_gate: {metric: validation:rmse, threshold: 12.5, direction: minimize}\n",
    "default metric": changed("    eval_metric: auc\n", "")
    + "quality_gate: {metric: validation:logloss, threshold: 0.3}\n",
    "constraints": with_hyperparameter('tree_method: hist\n    monotone_constraints: "(0, -1)"'),
    "boolean hyperparameter": with_hyperparameter("deterministic_histogram: true"),
    "tag in any script": MINIMAL + "tags: {Équipe: 機械 学習, email: a+b@c.org}\n",
    "large instance": MINIMAL + "endpoint: {instance_type: ml.m7i.48xlarge, instance_count: 100}\n",
}


@pytest.mark.parametrize("content", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(tmp_path: Path, content: str) -> None:
    """What the services take is taken."""
    path = tmp_path / "config.yaml"
    path.write_text(content)
    assert load(path).accounts.shared.id == "111111111111"


def _widest() -> Config:
    """A map whose parts are all as long as they may be."""
    accounts = {
        "shared": {"id": "1" * 12},
        "training": {"id": "2" * 12},
        "production": ({"id": "3" * 12, "name": "t" * 20},),
    }
    config = Config.model_validate(
        {
            "project": "p" * 20,
            "region": "ap-northeast-1",
            "accounts": accounts,
            "roles": {"name_prefix": "x" * 28},
            "training": {"hyperparameters": {"num_round": 1, "objective": "binary:logistic", "eval_metric": "auc"}},
            "endpoint": {"name": "e" * 63},
        }
    )
    assert limits.problems(config) == ()
    return config


def test_names_agree_with_naming() -> None:
    """The longest role name that a map may have is one that IAM takes."""
    names = Names(_widest())
    jobs = [
        names.pipeline_role,
        names.job_result_role,
        names.start_role,
        names.train_action_role,
        names.cloudformation_role,
        names.state_machine_role,
        names.training_role,
        *(names.deploy_action_role(target) for target in names.production),
        *(names.deploy_function_role(target) for target in names.production),
        *(names.endpoint_role(target) for target in names.production),
    ]
    longest = max(jobs, key=len).rpartition("/")[2]
    assert longest == names.role_name(longest_job(_widest()))
    assert len(longest) == 64


def test_longest_names_fit() -> None:
    """With everything as long as allowed, no name outgrows its service's maximum ([B], read from botocore)."""
    import botocore.session

    models = botocore.session.get_session()
    names = Names(_widest())
    fits = {
        ("sagemaker", "TrainingJobName"): f"{names.job_prefix}-{uuid.UUID(int=0)}",
        ("sagemaker", "EndpointName"): names.endpoint,
        ("stepfunctions", "Name"): names.state_machine,
        ("codepipeline", "PipelineName"): names.release_pipeline,
        ("codecommit", "RepositoryName"): names.repository,
        ("events", "RuleName"): max(names.push_rule, names.data_rule, names.release_rule, key=len),
        ("kms", "AliasNameType"): names.key_alias,
        ("cloudwatch", "AlarmName"): names.alarm("invocation-errors"),
        ("logs", "LogGroupName"): names.function_log_group,
    }
    for (service, shape), name in fits.items():
        assert len(name) <= models.get_service_model(service).shape_for(shape).metadata["max"], (service, name)
    assert len(names.function) <= 64
    assert len(names.bucket) <= 63
    assert len(names.stack) <= 128


SOURCE_ACCOUNT = '  source:\n    id: "444444444444"\n  shared:'


def test_the_source_accounts_name_is_taken(tmp_path: Path) -> None:
    """A production target called source would be taken for it."""
    text = changed("  shared:", SOURCE_ACCOUNT).replace(
        '- id: "333333333333"', '- id: "333333333333"\n      name: source'
    )
    assert any("'source' is the name of accounts.source" in line for line in refusal(tmp_path, text).lines())


def test_the_source_account_is_another_account(tmp_path: Path) -> None:
    """In the shared account the repository needs no source account."""
    error = refusal(tmp_path, changed("  shared:", SOURCE_ACCOUNT.replace("444444444444", "111111111111")))
    assert any("every account of the map must be another" in line for line in error.lines())
