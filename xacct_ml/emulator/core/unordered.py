"""What AWS treats as a set comes back in any order: the first answer as it was put, later ones shuffled.

That users are surprised by another order than theirs, and of what: issues of Terraform's AWS provider about tags,
principals of policies, targets, and parameters of stacks [C]. Which order is whose luck is not documented; here it
follows from how often the same was asked, so that two runs see the same."""

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Any
from urllib.parse import quote, unquote
from xml.etree import ElementTree

from xacct_ml.emulator.core.calls import ApiCall

_TAGS = frozenset({"Tags", "tags", "TagSet"})

_SETS: Mapping[tuple[str, str], frozenset[str]] = {
    ("cloudformation", "DescribeStacks"): _TAGS | {"Outputs", "Parameters"},
    ("cloudformation", "ValidateTemplate"): frozenset({"Parameters"}),
    ("cloudwatch", "DescribeAlarms"): frozenset({"Dimensions"}),
    ("cloudwatch", "ListTagsForResource"): _TAGS,
    ("codepipeline", "ListTagsForResource"): _TAGS,
    ("codestar-connections", "ListTagsForResource"): _TAGS,
    ("codeconnections", "ListTagsForResource"): _TAGS,
    ("events", "ListTagsForResource"): _TAGS,
    ("events", "ListTargetsByRule"): frozenset({"Targets"}),
    ("iam", "GetRole"): _TAGS,
    ("iam", "ListAttachedRolePolicies"): frozenset({"AttachedPolicies"}),
    ("iam", "ListRolePolicies"): frozenset({"PolicyNames"}),
    ("iam", "ListRoleTags"): _TAGS,
    ("kms", "GetKeyPolicy"): frozenset(),
    ("kms", "ListAliases"): frozenset({"Aliases"}),
    ("kms", "ListResourceTags"): _TAGS,
    ("s3", "GetBucketPolicy"): frozenset(),
    ("s3", "GetBucketTagging"): _TAGS,
    ("sagemaker", "ListTags"): _TAGS,
    ("stepfunctions", "ListTagsForResource"): _TAGS,
}
"""Reads, and the members of their answers that are sets; principals of policies are sets in all of them."""

_DOCUMENT = re.compile(r"<AssumeRolePolicyDocument>([^<]+)</AssumeRolePolicyDocument>")


def has_sets(call: ApiCall) -> bool:
    return (call.service, call.operation) in _SETS


class Unordered:
    """Remembers how often each read was made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: Counter[str] = Counter()

    def shuffled(self, call: ApiCall, body: bytes) -> bytes:
        """The answer to ``call``, which has sets, as it is this time."""
        sets = _SETS[call.service, call.operation]
        asked = f"{call.service} {call.operation} {call.account} {call.region} {sorted(map(str, call.params.items()))}"
        with self._lock:
            times = self._asked[asked]
            self._asked[asked] += 1
        if times == 0:
            return body
        shuffle = Random(f"{times} {asked}").shuffle
        try:
            text = body.decode()
            return (_json(text, sets, shuffle) if text.lstrip().startswith("{") else _xml(text, sets, shuffle)).encode()
        except (ValueError, ElementTree.ParseError):
            return body


Shuffle = Callable[[list[Any]], None]


def _json(text: str, sets: frozenset[str], shuffle: Shuffle) -> str:
    parsed = json.loads(text)
    _walk(parsed, sets, shuffle)
    if isinstance(policy := parsed.get("Policy"), str):
        parsed["Policy"] = _json(policy, frozenset(), shuffle)
    return json.dumps(parsed)


def _walk(value: Any, sets: frozenset[str], shuffle: Shuffle) -> None:
    if isinstance(value, list):
        for each in value:
            _walk(each, sets, shuffle)
    if not isinstance(value, dict):
        return
    for name, given in value.items():
        if name in sets and isinstance(given, list):
            shuffle(given)
        if name == "Principal" and isinstance(given, dict):
            for principals in given.values():
                if isinstance(principals, list):
                    shuffle(principals)
        _walk(given, sets, shuffle)


def _xml(text: str, sets: frozenset[str], shuffle: Shuffle) -> str:
    root = ElementTree.fromstring(text)
    namespace = root.tag.rpartition("}")[0]
    for element in root.iter():
        own, _, element.tag = element.tag.rpartition("}")
        if own != namespace:
            return text
        if element.tag in sets:
            children = list(element)
            shuffle(children)
            element[:] = children
    if namespace:
        # ElementTree keeps prefixes for all threads in one table; an attribute is this answer's own.
        root.set("xmlns", namespace[1:])
    shown = ElementTree.tostring(root, encoding="unicode", xml_declaration=True)
    return _DOCUMENT.sub(lambda found: _with_principals(found[1], shuffle), shown)


def _with_principals(document: str, shuffle: Shuffle) -> str:
    shuffled = quote(_json(unquote(document), frozenset(), shuffle))
    return f"<AssumeRolePolicyDocument>{shuffled}</AssumeRolePolicyDocument>"
