"""Mistakes of those who write their first map, each as what is replaced in a map that is right, and what is said of it.

Where nothing is said the map is right, or only an account can tell: ``plan`` and ``doctor`` ask it."""

from __future__ import annotations

RIGHT = """\
project: churn
region: us-east-1
accounts:
  shared:
    id: "111111111111"
    role_arn: arn:aws:iam::111111111111:role/operator
  training:
    id: "222222222222"
    role_arn: arn:aws:iam::222222222222:role/operator
  production:
    - id: "333333333333"
roles:
  path: /ml/
bucket:
  name: my-bucket
training:
  instance_type: ml.m5.large
  volume_gb: 10
  xgboost_version: 1.7-1
  max_runtime_seconds: 3600
  hyperparameters:
    num_round: 10
    objective: binary:logistic
    eval_metric: auc
quality_gate:
  metric: validation:auc
  threshold: 0.8
endpoint:
  instance_type: ml.m5.large
pipeline:
  branch: main
logs:
  retention_days: 30
tags:
  team: analytics
"""

Case = tuple[str, str, tuple[str, ...]]
"""What is replaced, by what, and every message about it; no message: it is accepted."""

_TWELVE = "an account id is twelve digits; quote it, so that YAML keeps leading zeros"
_TRAINING, _FULL = 'id: "222222222222"', "arn:aws:iam::222222222222:role/operator"
_SHARED_ID = 'id: "111111111111"\n'
_KEY = "logs:\n"

CASES: dict[str, Case] = {
    "01 same id for training as shared": (
        _TRAINING,
        'id: "111111111111"',
        (
            "accounts.training.id is 111111111111 like accounts.shared.id; every account of the map must be another",
            "accounts.training.role_arn: the role belongs to account 222222222222, not to 111111111111",
        ),
    ),
    "02 unquoted id with leading zero": (
        _TRAINING,
        "id: 022222222222",
        ("YAML reads 022222222222 as the number 2454267026; quote it ('022222222222') or write the number plainly",),
    ),
    "02b unquoted id plain": (_TRAINING, "id: 222222222222", ()),
    "03 id with dashes": (
        _TRAINING,
        "id: 2222-2222-2222",
        (f"accounts.training.id: has 14 characters; allowed: 12; {_TWELVE}",),
    ),
    "04 role of another account": (
        _FULL,
        "arn:aws:iam::999999999999:role/operator",
        ("accounts.training.role_arn: the role belongs to account 999999999999, not to 222222222222",),
    ),
    "05 external_id without role_arn": (
        'id: "333333333333"',
        'id: "333333333333"\n      external_id: a-secret',
        ("an external_id is sent when a role is assumed; give role_arn, or leave external_id out",),
    ),
    "06 profile misspelt key": (
        _SHARED_ID,
        f"{_SHARED_ID}    aws_profile: me\n",
        ("unknown key 'aws_profile' in accounts.shared; did you mean 'profile'?",),
    ),
    "07 boundary as ARN": (
        "path: /ml/",
        "permissions_boundary: arn:aws:iam::111111111111:policy/ml",
        ("give the policy's name (with its path), not an ARN",),
    ),
    "08 boundary name with leading slash": ("path: /ml/", "permissions_boundary: /boundaries/ml", ()),
    "09 path without trailing slash": ("path: /ml/", "path: /ml", ("roles.path: '/ml' has another form; allowed: /",)),
    "10 existing bucket named, not adopted": ("name: my-bucket", "name: bucket-of-others", ()),
    "11 bucket as s3:// URL": (
        "name: my-bucket",
        "name: s3://my-bucket",
        ("bucket.name: 's3://my-bucket' has another",),
    ),
    "12 bucket in upper case": ("name: my-bucket", "name: My_Bucket", ("bucket.name: 'My_Bucket' has another form",)),
    "13 adopt: bucket (short)": (
        _KEY,
        "adopt: [bucket]\nlogs:\n",
        ("adopt: there is no resource 'bucket'; did you mean 'shared/bucket'?",),
    ),
    "13b adopt: the name": (_KEY, "adopt: [my-bucket]\nlogs:\n", ("xacct-ml plan --output json has all ids",)),
    "14 project with underscore/upper": ("project: churn", "project: Churn_Model", ("project: 'Churn_Model' has",)),
    "15 project long": ("project: churn", f"project: {'a' * 25}", ("project: has 25 characters; allowed: 1 to 20",)),
    "16 region wrong": ("us-east-1", "us-east1", ("unknown region 'us-east1'; did you mean 'us-east-1'?",)),
    "16b region az": ("us-east-1", "us-east-1a", ("unknown region 'us-east-1a'; did you mean 'us-east-1'?",)),
    "17 accounts.production as mapping": (
        '- id: "333333333333"',
        '  id: "333333333333"',
        ("accounts.production must be a list (- item), not a mapping",),
    ),
    "18 accounts.prod": ("production:", "prod:", ("unknown key 'prod' in accounts; did you mean 'production'?",)),
    "19 instance type bare": (
        "instance_type: ml.m5.large\n  volume",
        "instance_type: m5.large\n  volume",
        ("training.instance_type: 'm5.large' has another form; allowed: an instance type such as ml.m5.large",),
    ),
    "19b instance type invented": (
        "instance_type: ml.m5.large\n  volume",
        "instance_type: ml.m9.huge\n  volume",
        ("'ml.m9.huge' is not known to SageMaker's training jobs; did you mean ml.m5",),
    ),
    "20 gate metric auc without channel": (
        "validation:auc",
        "auc",
        ("the metric 'auc' lacks its channel; did you mean 'validation:auc'?",),
    ),
    "21 gate metric not in eval_metric": (
        "validation:auc",
        "validation:error",
        ("training would not report validation:error: training.hyperparameters.eval_metric asks for auc",),
    ),
    "22 threshold percent": ("0.8", "80", ("quality_gate.threshold 80 is out of validation:auc's range",)),
    '22b threshold "80%"': ("0.8", "80%", ("quality_gate.threshold must be a number, not 80%",)),
    "23 num_round missing": ("    num_round: 10\n", "", ("training.hyperparameters.num_round is missing",)),
    "24 n_estimators (sklearn)": (
        "num_round: 10",
        "n_estimators: 10",
        ("training.hyperparameters.num_round is missing", "unknown hyperparameter 'n_estimators'"),
    ),
    "25 learning_rate": (
        "num_round: 10",
        "num_round: 10\n    learning_rate: 0.1",
        ("'learning_rate' is another name of 'eta'; use 'eta'",),
    ),
    "26 xgboost version 2.1.0": ("1.7-1", "2.1.0", ("unknown SageMaker XGBoost version '2.1.0'; allowed: 0.90-1",)),
    "26b xgboost 1.7 unquoted": ("1.7-1", "1.7", ("must be text, not the number 1.7; did you mean 1.7-1?",)),
    "27 key alias instead of arn": (
        _KEY,
        "key:\n  arn: alias/my-key\nlogs:\n",
        ("key.arn: 'alias/my-key' is not a key's ARN, such as",),
    ),
    "28 key arn of another region": (
        _KEY,
        "key:\n  arn: arn:aws:kms:eu-west-1:111111111111:key/1\nlogs:\n",
        ("key.arn: the key is in eu-west-1, not in us-east-1",),
    ),
    "29 duplicated key": (_KEY, "training: {}\nlogs:\n", ("'training' is given twice, first in line 16",)),
    "30 tag value number": ("team: analytics", "cost: 1234", ('must be text, not the number 1234; quote it: "',)),
    "31 retention 45": ("retention_days: 30", "retention_days: 45", ("45 is not a retention of CloudWatch Logs",)),
    "32 env var in id": (
        _TRAINING,
        'id: "${TRAINING_ACCOUNT}"',
        (f"accounts.training.id: has 19 characters; allowed: 12; {_TWELVE}",),
    ),
    "33 account names dev/staging": (
        "  production:",
        '  staging:\n    id: "444444444444"\n  production:',
        ("unknown key 'staging' in accounts; did you mean 'production'?",),
    ),
    "34 serverless and instances": (
        "endpoint:\n",
        "endpoint:\n  serverless: {}\n",
        ("an endpoint has either instances or serverless; leave one of them out",),
    ),
    "35 role_arn = user arn": (
        _FULL,
        "arn:aws:iam::222222222222:user/me",
        ("'arn:aws:iam::222222222222:user/me' is not a role's ARN, such as arn:aws:iam::222222222222:role/name",),
    ),
    "36 role_arn = name": (_FULL, "operator", ("accounts.training.role_arn: 'operator' is not a role's ARN",)),
    "37 profile with [profile ] style": (
        _SHARED_ID,
        f"{_SHARED_ID}    profile: [profile me]\n",
        ("accounts.shared.profile must be text, not a list",),
    ),
    "38 branch refs/heads/main": (
        "branch: main",
        "branch: refs/heads/main",
        ("'refs/heads/main' is a full reference; give the branch's short name, such as 'main'",),
    ),
    "39 colon without space": (
        "region: us-east-1",
        "region:us-east-1",
        ("'region:us-east-1' is no `key: value`; is there no colon, or no space behind it?",),
    ),
    "40 objective regression with auc": (
        "binary:logistic",
        "reg:logistic",
        ("auc is not allowed with objective reg:logistic; allowed: binary:hinge, binary:logistic",),
    ),
    "41 gpu instance": ("instance_type: ml.m5.large\n  volume", "instance_type: ml.p3.2xlarge\n  volume", ()),
    "42 tag aws:": ("team: analytics", "aws:team: analytics", ("the tag's key begins with 'aws:', which is reserved",)),
    "43 volume with unit": ("10\n  xgb", "10GB\n  xgb", ("training.volume_gb must be a whole number, not 10GB",)),
    "44 runtime 1h": ("3600", "1h", ("training.max_runtime_seconds must be a whole number, not 1h",)),
    "45 mistakes of three kinds": (
        "roles:\n  path: /ml/\n",
        "rolls: {}\nroles:\n  path: 3\nkey:\n  deletion_window_days: 3\n",
        (
            "unknown key 'rolls'; did you mean 'roles'?",
            'roles.path must be text, not the number 3; quote it: "3"',
            "key.deletion_window_days: 3 is out of range; allowed: 7 to 30 days",
        ),
    ),
}
