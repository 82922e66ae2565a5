"""Condition operators: what one policy value says about one request value.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators"
(reference_policies_elements_condition_operators) [D]. Types are checked strictly: where a value cannot be read as
the operator's type, or where the page leaves a spelling open (a date without time, ``True`` for ``true``), the test
answers ``MAYBE``."""

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from xacct_ml.access.context import RequestContext
from xacct_ml.access.match import Pattern, Shape
from xacct_ml.access.truth import MAYBE, NO, YES, Truth
from xacct_ml.access.variables import MalformedText

ValueTest = Callable[[str, RequestContext], Truth]
"""Whether a request value matches the policy value that the test was made from."""

Build = Callable[[str, bool], ValueTest]
"""Policy value, and whether policy variables are on; raises ``MalformedText`` for a value that AWS would refuse."""


@dataclass(frozen=True, slots=True)
class Operator:
    """How one policy value is compared, and whether the operator asks for the opposite."""

    build: Build
    negated: bool = False

    @property
    def has_variables(self) -> bool:
        """Whether its values may have policy variables."""
        return self.build in _WITH_VARIABLES


def _string_equals(text: str, variables: bool) -> ValueTest:
    return Pattern(text, Shape.TEXT, variables=variables, wildcards=False).match


def _string_equals_ignore_case(text: str, variables: bool) -> ValueTest:
    return Pattern(text, Shape.TEXT, variables=variables, wildcards=False, ignore_case=True).match


def _string_like(text: str, variables: bool) -> ValueTest:
    return Pattern(text, Shape.TEXT, variables=variables).match


def _arn_like(text: str, variables: bool) -> ValueTest:
    if text.count(":") < 5:
        raise MalformedText(f"{text!r} is not an ARN")
    return Pattern(text, Shape.ARN, variables=variables).match


_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _numeric(compare: Callable[[Decimal, Decimal], bool]) -> Build:
    def build(text: str, _variables: bool) -> ValueTest:
        wanted = _number(text)
        if wanted is None:
            raise MalformedText(f"{text!r} is not a number")

        def test(value: str, _: RequestContext) -> Truth:
            number = _number(value)
            if number is None:
                return MAYBE
            return YES if compare(number, wanted) else NO

        return test

    return build


_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_EPOCH_SECONDS = re.compile(r"\d{5,11}", re.ASCII)
_OTHER_DATE = re.compile(r"\d[\d:.TZ+-]*", re.ASCII)


def _instant(text: str) -> datetime | None:
    """A W3C timestamp with time and zone, or seconds since 1970; ``None`` for everything else."""
    try:
        if _TIMESTAMP.fullmatch(text):
            return datetime.fromisoformat(text)
        if _EPOCH_SECONDS.fullmatch(text):
            return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError):
        return None
    return None


def _date(compare: Callable[[datetime, datetime], bool]) -> Build:
    def build(text: str, _variables: bool) -> ValueTest:
        wanted = _instant(text)
        if wanted is None:
            if not _OTHER_DATE.fullmatch(text):
                raise MalformedText(f"{text!r} is not a date")
            return lambda _value, _context: MAYBE

        def test(value: str, _: RequestContext) -> Truth:
            instant = _instant(value)
            if instant is None:
                return MAYBE
            return YES if compare(instant, wanted) else NO

        return test

    return build


def _bool(text: str, _variables: bool) -> ValueTest:
    wanted = text.lower()
    if wanted not in ("true", "false"):
        raise MalformedText(f"{text!r} is neither true nor false")

    def test(value: str, _: RequestContext) -> Truth:
        if value == text:
            return YES
        lowered = value.lower()
        return NO if lowered in ("true", "false") and lowered != wanted else MAYBE

    return test


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _binary_equals(text: str, _variables: bool) -> ValueTest:
    """The request's value may reach us encoded like the policy's, or as the bytes themselves."""
    wanted = _decoded(text)
    if wanted is None:
        raise MalformedText(f"{text!r} is not base64")

    def test(value: str, _: RequestContext) -> Truth:
        if value == text:
            return YES
        return MAYBE if wanted in (_decoded(value), value.encode()) else NO

    return test


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _ip_address(text: str, _variables: bool) -> ValueTest:
    """A bare address is a network of one; a network written with host bits set matches at most as ``MAYBE``."""
    prefix = text.partition("/")[2]
    if prefix and not prefix.isdecimal():
        raise MalformedText(f"{text!r} is not in CIDR notation")
    try:
        network = ipaddress.ip_network(text, strict=False)
        exact = ipaddress.ip_interface(text).ip == network.network_address
    except ValueError:
        raise MalformedText(f"{text!r} is not an address or network") from None
    inside = YES if exact else MAYBE

    def test(value: str, _: RequestContext) -> Truth:
        address = _address(value)
        if address is None:
            return MAYBE
        if address in network:
            return inside
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return MAYBE if mapped is not None and mapped in network else NO

    return test


_WITH_VARIABLES = (_string_equals, _string_equals_ignore_case, _string_like, _arn_like)

OPERATORS: dict[str, Operator] = {
    "StringEquals": Operator(_string_equals),
    "StringNotEquals": Operator(_string_equals, negated=True),
    "StringEqualsIgnoreCase": Operator(_string_equals_ignore_case),
    "StringNotEqualsIgnoreCase": Operator(_string_equals_ignore_case, negated=True),
    "StringLike": Operator(_string_like),
    "StringNotLike": Operator(_string_like, negated=True),
    "NumericEquals": Operator(_numeric(operator.eq)),
    "NumericNotEquals": Operator(_numeric(operator.eq), negated=True),
    "NumericLessThan": Operator(_numeric(operator.lt)),
    "NumericLessThanEquals": Operator(_numeric(operator.le)),
    "NumericGreaterThan": Operator(_numeric(operator.gt)),
    "NumericGreaterThanEquals": Operator(_numeric(operator.ge)),
    "DateEquals": Operator(_date(operator.eq)),
    "DateNotEquals": Operator(_date(operator.eq), negated=True),
    "DateLessThan": Operator(_date(operator.lt)),
    "DateLessThanEquals": Operator(_date(operator.le)),
    "DateGreaterThan": Operator(_date(operator.gt)),
    "DateGreaterThanEquals": Operator(_date(operator.ge)),
    "Bool": Operator(_bool),
    "BinaryEquals": Operator(_binary_equals),
    "IpAddress": Operator(_ip_address),
    "NotIpAddress": Operator(_ip_address, negated=True),
    "ArnEquals": Operator(_arn_like),
    "ArnLike": Operator(_arn_like),
    "ArnNotEquals": Operator(_arn_like, negated=True),
    "ArnNotLike": Operator(_arn_like, negated=True),
}
"""Every operator but ``Null``, which asks for the key and not for its value."""
