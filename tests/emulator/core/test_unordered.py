"""What AWS treats as a set comes back in another order when it is asked for again."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.configs import SHARED
from tests.emulator.rights import Roles
from xacct_ml.access.model import Principal
from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.unordered import Unordered
from xacct_ml.emulator.server import EmbeddedAws

NUMBERS = [str(number) for number in range(9)]


def orders(read: Any) -> set[tuple[str, ...]]:
    """The orders of several answers; the first is the one in which everything was put."""
    found = [tuple(read()) for _ in range(6)]
    assert found[0] == tuple(NUMBERS)
    assert all(sorted(each) == NUMBERS for each in found)
    return set(found)


@pytest.mark.parametrize("service", ["s3", "kms", "iam", "events"])
def test_tags_come_in_any_order(aws: EmbeddedAws, unique: str, service: str) -> None:
    """Of JSON and of XML."""
    client: Any = aws.administrator(SHARED).client(service)
    pairs = [{"Key": number, "Value": "x"} for number in NUMBERS]
    match service:
        case "s3":
            client.create_bucket(Bucket=unique)
            client.put_bucket_tagging(Bucket=unique, Tagging={"TagSet": pairs})
            found = orders(lambda: [tag["Key"] for tag in client.get_bucket_tagging(Bucket=unique)["TagSet"]])
        case "kms":
            given = [{"TagKey": number, "TagValue": "x"} for number in NUMBERS]
            key = client.create_key(Tags=given)["KeyMetadata"]["KeyId"]
            found = orders(lambda: [tag["TagKey"] for tag in client.list_resource_tags(KeyId=key)["Tags"]])
        case "iam":
            trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
            document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
            client.create_role(RoleName=unique, AssumeRolePolicyDocument=document, Tags=pairs)
            found = orders(lambda: [tag["Key"] for tag in client.list_role_tags(RoleName=unique)["Tags"]])
        case _:
            arn = client.put_rule(Name=unique, EventPattern='{"source": ["x"]}', Tags=pairs)["RuleArn"]
            found = orders(lambda: [tag["Key"] for tag in client.list_tags_for_resource(ResourceARN=arn)["Tags"]])
    assert len(found) > 1


def test_principals_of_policies_too(aws: EmbeddedAws, roles: Roles, unique: str) -> None:
    """A policy's other lists stay: their order is the author's."""
    arns = [roles.create(f"{unique}-{number}") for number in "abcd"]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": arns},
        "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
        "Resource": f"arn:aws:s3:::{unique}/*",
    }
    s3: Any = aws.administrator(SHARED).client("s3")
    s3.create_bucket(Bucket=unique)
    s3.put_bucket_policy(Bucket=unique, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    found = [json.loads(s3.get_bucket_policy(Bucket=unique)["Policy"])["Statement"][0] for _ in range(5)]
    assert len({tuple(each["Principal"]["AWS"]) for each in found}) > 1
    assert {tuple(each["Action"]) for each in found} == {tuple(statement["Action"])}


def test_answers_of_several_services_are_shuffled_at_once() -> None:
    """Each keeps its own namespace, whatever other threads answer meanwhile."""
    reads = {
        "s3": ("GetBucketTagging", "TagSet"),
        "iam": ("ListRoleTags", "Tags"),
        "cloudformation": ("DescribeStacks", "Tags"),
    }
    unordered = Unordered()

    def asked(service: str) -> list[str]:
        operation, members = reads[service]
        call = ApiCall(service, operation, {}, Principal.root(SHARED), SHARED, "us-east-1", "aws")
        tags = "".join(f"<Tag><Key>{number}</Key></Tag>" for number in NUMBERS)
        body = f'<Answer xmlns="urn:{service}"><{members}>{tags}</{members}></Answer>'.encode()
        return [unordered.shuffled(call, body).decode() for _ in range(300)]

    with ThreadPoolExecutor(6) as threads:
        answers = dict(zip([*reads] * 2, threads.map(asked, [*reads] * 2), strict=True))
    for service, found in answers.items():
        assert all(f'<Answer xmlns="urn:{service}">' in each for each in found)
        assert all(sorted(re.findall("<Key>(.)</Key>", each)) == NUMBERS for each in found)
