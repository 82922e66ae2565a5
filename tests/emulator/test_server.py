"""Starting, stopping, the environment for clients, and many clients at once."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from tests.emulator.rights import error_of
from xacct_ml.emulator.core import moto_patches, runtime
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.operations.embedded import embedded

ROLE = "arn:aws:iam::{}:role/ops/Deployer"


def accounts(**of: dict[str, Any]) -> Any:
    """A map's accounts; what is not given is reached by ambient credentials, so at most one may be bare."""
    ids = {"shared": SHARED, "training": TRAINING, "production": PRODUCTION}
    made = {name: {"id": account, **of.get(name, {})} for name, account in ids.items()}
    return {"shared": made["shared"], "training": made["training"], "production": (made["production"],)}


def session(aws: EmbeddedAws, profile: str | None = None) -> Any:
    """A botocore session that sees nothing but the embedded AWS's environment."""
    environment = aws.environment()
    core = botocore.session.Session(
        session_vars={
            "config_file": (None, None, environment["AWS_CONFIG_FILE"], None),
            "credentials_file": (None, None, environment["AWS_SHARED_CREDENTIALS_FILE"], None),
            "profile": (None, None, profile, None),
        }
    )
    if profile is None:
        core.set_credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    else:
        core.set_config_variable("profile", profile)
    return boto3.session.Session(botocore_session=core)


def identity(aws: EmbeddedAws, profile: str | None = None) -> str:
    client = session(aws, profile).client("sts", region_name="us-east-1", endpoint_url=aws.endpoint)
    return str(client.get_caller_identity()["Arn"])


def test_each_account_has_a_profile_and_an_administrator() -> None:
    """The accounts' own names, and every profile that the map names."""
    where = accounts(training={"profile": "acme-ml", "role_arn": ROLE.format(TRAINING)})
    with embedded(example(accounts=where)) as aws:
        for profile, account in {"shared": SHARED, "training": TRAINING, "production": PRODUCTION}.items():
            assert identity(aws, profile) == f"arn:aws:iam::{account}:user/EmulatorAdministrator"
        assert identity(aws, "acme-ml") == f"arn:aws:iam::{TRAINING}:user/EmulatorAdministrator"
        arn = aws.administrator(PRODUCTION).client("sts").get_caller_identity()["Arn"]
        assert arn == f"arn:aws:iam::{PRODUCTION}:user/EmulatorAdministrator"


def test_ambient_credentials_lead_into_the_map_s_roles_only() -> None:
    """They may assume each role_arn, with its external id, and do nothing by themselves."""
    roles = {
        "shared": {"role_arn": ROLE.format(SHARED)},
        "training": {"role_arn": ROLE.format(TRAINING), "external_id": "agreed"},
        "production": {"role_arn": ROLE.format(PRODUCTION)},
    }
    with embedded(example(accounts=accounts(**roles))) as aws:
        assert identity(aws) == f"arn:aws:iam::{SHARED}:user/EmulatorAmbient"
        sts = session(aws).client("sts", region_name="us-east-1", endpoint_url=aws.endpoint)
        sts.assume_role(RoleArn=ROLE.format(SHARED), RoleSessionName="me")
        into_training = {"RoleArn": ROLE.format(TRAINING), "RoleSessionName": "me"}
        assert error_of(sts.assume_role, **into_training)[0] == "AccessDenied"
        sts.assume_role(**into_training, ExternalId="agreed")
        kms = session(aws).client("kms", region_name="us-east-1", endpoint_url=aws.endpoint)
        assert error_of(kms.list_keys)[0] == "AccessDeniedException"


def test_the_map_s_roles_have_the_operator_s_policies() -> None:
    """They are not administrators: what the operator's documents do not allow is denied."""
    where = accounts(training={"role_arn": ROLE.format(TRAINING)})
    with embedded(example(accounts=where)) as aws:
        sts = aws.administrator(TRAINING).client("iam")
        names = sts.list_role_policies(RoleName="Deployer")["PolicyNames"]
        assert names
        assert all(name != "EmulatorAdministrator" for name in names)


def test_a_bare_account_is_home_to_the_ambient_credentials() -> None:
    """With neither profile nor role_arn, the ambient credentials must be that account's operator."""
    where = accounts(
        shared={"profile": "one"}, training={"role_arn": ROLE.format(TRAINING)}, production={"profile": "two"}
    )
    with embedded(example(accounts=where)) as aws:
        assert identity(aws) == f"arn:aws:iam::{SHARED}:user/EmulatorAmbient"
    with embedded(example(accounts=accounts(shared={"profile": "one"}, training={"profile": "two"}))) as aws:
        assert identity(aws) == f"arn:aws:iam::{PRODUCTION}:user/EmulatorAmbient"
        iam = aws.administrator(PRODUCTION).client("iam")
        assert iam.list_user_policies(UserName="EmulatorAmbient")["PolicyNames"]


def test_the_permissions_boundary_exists_in_each_account() -> None:
    """Roles can be made with it."""
    config = example(roles={"permissions_boundary": "/guards/ml"})
    with embedded(config) as aws:
        for account in (SHARED, TRAINING, PRODUCTION):
            aws.administrator(account).client("iam").get_policy(PolicyArn=f"arn:aws:iam::{account}:policy/guards/ml")


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_other_partitions_are_served(region: str, partition: str) -> None:
    """Identities, roles and keys carry the partition's ARNs."""
    with embedded(example(region)) as aws:
        admin = aws.administrator(SHARED)
        assert admin.client("sts").get_caller_identity()["Arn"].startswith(f"arn:{partition}:iam::{SHARED}:")
        key = admin.client("kms").create_key()["KeyMetadata"]["Arn"]
        assert key.startswith(f"arn:{partition}:kms:{region}:{SHARED}:")
        location = {"LocationConstraint": region}
        admin.client("s3").create_bucket(Bucket="other-partition", CreateBucketConfiguration=location)
        admin.client("s3").put_object(Bucket="other-partition", Key="a", Body=b"1", ServerSideEncryption="aws:kms")
        assert (
            aws.requests.entries(action="s3:PutObject")[-1].asked.resource == f"arn:{partition}:s3:::other-partition/a"
        )


def test_each_start_is_empty_and_only_one_runs() -> None:
    """moto keeps its state in the process."""
    with embedded(example()) as aws:
        aws.administrator(SHARED).client("s3").create_bucket(Bucket="only-once")
        with pytest.raises(RuntimeError, match="already running"), embedded(example()):
            pass
        aws.administrator(SHARED).client("s3").head_bucket(Bucket="only-once")
    with pytest.raises(RuntimeError, match="no embedded AWS"):
        runtime.current()
    with embedded(example()) as aws:
        assert aws.administrator(SHARED).client("s3").list_buckets()["Buckets"] == []


def test_a_start_that_fails_leaves_nothing_running() -> None:
    """A map whose role cannot be made ends in an error, and the next start works."""
    broken = accounts(training={"role_arn": "not an arn"})
    with pytest.raises(ValueError), embedded(example(accounts=broken)):  # noqa: PT011 - whatever unpacking says
        pass
    with embedded(example()) as aws:
        assert Path(aws.environment()["AWS_CONFIG_FILE"]).exists()


def test_it_listens_on_the_loopback_interface_and_stops_listening() -> None:
    """127.0.0.1 at the port that was asked for; connections are closed at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with embedded(example(), port) as aws:
        assert aws.endpoint == f"http://127.0.0.1:{port}"
        kept = socket.create_connection(("127.0.0.1", port))
        kept.sendall(b"GET /moto-api/data.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert kept.recv(12) == b"HTTP/1.1 404"
    kept.settimeout(60)
    while kept.recv(65536):
        pass
    kept.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_nothing_but_the_command_writes_to_the_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    """A shell reads it: moto would say there of a service that it does not know that it does not."""
    with embedded(example()) as aws:
        assert error_of(aws.administrator(SHARED).client("devicefarm").list_projects)[2] == 404
    assert capfd.readouterr().out == ""


@pytest.mark.long
def test_its_files_are_its_user_s_whatever_the_umask(tmp_path: Path) -> None:
    """Nobody else gets into the directory that everything is in."""
    environment = {"TMPDIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2]), "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", _WITHOUT_UMASK], env=environment, check=True, capture_output=True)
    assert done.stdout.split() == [b"0o700"], done.stderr


_WITHOUT_UMASK = """
import os, tempfile
from pathlib import Path
os.umask(0)
from tests.configs import example
from xacct_ml.operations.embedded import embedded
with embedded(example()) as aws:
    for path in Path(tempfile.gettempdir()).iterdir():
        print(oct(path.stat().st_mode & 0o777))
"""


def test_background_work_ends_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Threads are told to stop and waited for; what one raises is said on standard error."""
    ended: list[str] = []

    def wait() -> None:
        try:
            runtime.current().pause(60)
        finally:
            ended.append("waiting")

    def fail() -> None:
        raise ValueError("broken work")

    with embedded(example()) as aws:
        aws.runtime.spawn("waiting", wait)
        aws.runtime.spawn("failing", fail).join()
    assert ended == ["waiting"]
    assert "broken work" in capsys.readouterr().err
    assert not aws.runtime.spawn("late", fail).is_alive()


@pytest.mark.long
def test_eight_clients_at_once() -> None:
    """Nothing fails and nothing is lost."""
    with embedded(example()) as aws:
        aws.administrator(SHARED).client("s3").create_bucket(Bucket="crowd")

        def work(number: int) -> int:
            s3 = aws.administrator(SHARED).client("s3")
            iam = aws.administrator((SHARED, TRAINING, PRODUCTION)[number % 3]).client("iam")
            for step in range(15):
                s3.put_object(Bucket="crowd", Key=f"{number}/{step}", Body=b"x")
                iam.list_roles()
            return len(s3.list_objects_v2(Bucket="crowd", Prefix=f"{number}/")["Contents"])

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(work, range(8))) == [15] * 8
        assert len(aws.requests.entries(action="s3:PutObject")) == 8 * 15
        assert [entry.seq for entry in aws.requests] == list(range(1, len(aws.requests) + 1))


def test_another_moto_is_refused() -> None:
    """The repairs fit one version."""
    moto_patches.require_version(moto_patches.MOTO_VERSION)
    with pytest.raises(moto_patches.WrongMoto, match=r"5\.2\.6"):
        moto_patches.require_version("5.2.6")


def test_each_role_of_the_map_has_an_operator_profile() -> None:
    """Any client can act as the tool does, external id included."""
    where = accounts(training={"role_arn": ROLE.format(TRAINING), "external_id": "acme-42"})
    with embedded(example(accounts=where)) as aws:
        role = ROLE.format(TRAINING).rsplit("/", 1)[-1]
        assert identity(aws, "training-operator").startswith(f"arn:aws:sts::{TRAINING}:assumed-role/{role}/")


def test_no_two_embedded_aws_share_a_session_name() -> None:
    """The AWS CLI keeps credentials by role and session name: those of one that has ended open nothing in the next."""
    where = accounts(training={"role_arn": ROLE.format(TRAINING)})
    arns = []
    for _ in range(2):
        with embedded(example(accounts=where)) as aws:
            arns.append(identity(aws, "training-operator"))
    assert arns[0] != arns[1]
