"""Matching a request's action, resource or condition value against a policy's text.

Sources, all IAM User Guide [D]:

- Action: "IAM JSON policy elements: Action": prefix and name compare without case, ``*`` and ``?`` in the name.
- Resource: "IAM JSON policy elements: Resource": wildcards stand within the segments of an ARN, "If the ``*``
  wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon boundaries",
  none in the service segment, variables only after the fifth colon. Where a wildcard would have to cross a colon in
  another place, the match is left open (``MAYBE``).
- ARN operators: "Condition operators": each of the six components is checked separately."""

import re
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache

from xacct_ml.access.context import RequestContext
from xacct_ml.access.truth import MAYBE, NO, YES, Truth, negate
from xacct_ml.access.variables import (
    MalformedText,
    Plain,
    Token,
    Variable,
    Wildcard,
    plain_tokens,
    substitute,
    tokenise,
    variables_in,
)
from xacct_ml.arn import Arn

_ARN_SEGMENTS = 6
_ANYTHING, _IN_SEGMENT = ".", "[^:]"


class Shape(Enum):
    """How far a wildcard reaches."""

    TEXT = "text"
    """Over anything."""
    ARN = "arn"
    """Within the first five segments, and over all of the sixth."""
    RESOURCE = "resource"
    """Within its segment; beyond it where ``*`` ends the segment."""


def _regex(tokens: tuple[Plain, ...], shape: Shape) -> str:
    """An expression that no pattern makes slow: whoever may write a policy in one of the accounts writes it.

    What can follow a later match of a part can follow its first match as well, so that is never taken back (``(?>…)``),
    but behind the last ``*``. A part reaches to the next ``*`` over anything; those within a segment are inside it."""
    reaches, texts = _runs(tokens, shape)
    parts = [texts[0]]
    for index, reach in enumerate(reaches, 1):
        if reach == _ANYTHING:
            parts.append(texts[index])
        else:
            parts[-1] += f"(?>{reach}*?{texts[index]})" if index < len(reaches) else f"{reach}*{texts[index]}"
    first, *others = parts
    firsts = [f"(?>{_ANYTHING}*?{part})" for part in others[:-1]]
    return "".join([first, *firsts, *(f"{_ANYTHING}*{part}" for part in others[-1:])])


def _runs(tokens: tuple[Plain, ...], shape: Shape) -> tuple[list[str], list[str]]:
    """Each ``*`` by what it reaches over; and the texts before, between and behind them."""
    reaches, texts = list[str](), [""]
    colons = 0
    for index, token in enumerate(tokens):
        if isinstance(token, str):
            colons += token.count(":")
            added = re.escape(token)
        else:
            following = tokens[index + 1] if index + 1 < len(tokens) else ":"
            ends_segment = isinstance(following, str) and following.startswith(":")
            bounded = (shape is Shape.ARN and colons < _ARN_SEGMENTS - 1) or (
                shape is Shape.RESOURCE and not (token is Wildcard.MANY and ends_segment)
            )
            added = _IN_SEGMENT if bounded else _ANYTHING
            if token is Wildcard.MANY:
                reaches.append(added)
                texts.append("")
                continue
        texts[-1] += added
    return reaches, texts


@lru_cache(maxsize=4096)
def _compiled(tokens: tuple[Plain, ...], shape: Shape) -> re.Pattern[str]:
    return re.compile(_regex(tokens, shape), re.DOTALL)


def wildcards(text: str) -> re.Pattern[str]:
    """``text`` with ``*`` and ``?`` that reach over anything."""
    return _compiled(plain_tokens(text), Shape.TEXT)


class Pattern:
    """One pattern of a policy. Raises ``MalformedText`` for a malformed variable."""

    __slots__ = ("_fixed", "_ignore_case", "_literal", "_shape", "_tokens", "_widest", "_wildcards")

    def __init__(
        self, text: str, shape: Shape, *, variables: bool, wildcards: bool = True, ignore_case: bool = False
    ) -> None:
        text = text.lower() if ignore_case else text
        self._tokens: tuple[Token, ...] = tokenise(text, wildcards=wildcards, variables=variables)
        self._shape = shape
        self._wildcards = wildcards
        self._ignore_case = ignore_case
        self._literal: str | None = None
        self._fixed: re.Pattern[str] | None = None
        self._widest: re.Pattern[str] | None = None
        plain = tuple(token for token in self._tokens if not isinstance(token, Variable))
        if len(plain) < len(self._tokens):
            return
        if all(isinstance(token, str) for token in plain):
            self._literal = "".join(token for token in plain if isinstance(token, str))
        self._fixed = _compiled(plain, shape)
        self._widest = _compiled(plain, Shape.TEXT) if shape is Shape.RESOURCE else None

    def match(self, value: str, context: RequestContext) -> Truth:
        """Whether ``value`` matches; ``MAYBE`` where that hangs on a variable's value or on an open reading."""
        if self._ignore_case:
            value = value.lower()
        if self._literal is not None:
            return YES if value == self._literal else NO
        if self._fixed is not None:
            if self._fixed.fullmatch(value):
                return YES
            return MAYBE if self._widest is not None and self._widest.fullmatch(value) else NO
        return self._match_substituted(value, context)

    def _match_substituted(self, value: str, context: RequestContext) -> Truth:
        substituted = substitute(self._tokens, context, wildcards=self._wildcards)
        widest_shape = Shape.TEXT
        if substituted.literal is not None:
            if _compiled(self._folded(substituted.literal), self._shape).fullmatch(value):
                return YES
            widest_shape = Shape.ARN if self._shape is Shape.ARN else Shape.TEXT
        return MAYBE if _compiled(self._folded(substituted.widest), widest_shape).fullmatch(value) else NO

    def _folded(self, tokens: tuple[Plain, ...]) -> tuple[Plain, ...]:
        if not self._ignore_case:
            return tokens
        return tuple(token.lower() if isinstance(token, str) else token for token in tokens)


class ActionMatcher:
    """``Action`` or ``NotAction``. ``defects`` names patterns that are not actions; at most ``MAYBE``."""

    __slots__ = ("_doubtful", "_exact", "_negated", "_wild", "defects")

    _VALID = re.compile(r"[a-z0-9-]+:[^\s:${}]+|\*:\*|\*")

    def __init__(self, patterns: Iterable[str], *, negated: bool) -> None:
        lowered = [pattern.lower() for pattern in patterns]
        valid = [pattern for pattern in lowered if self._VALID.fullmatch(pattern)]
        malformed = [pattern for pattern in lowered if not self._VALID.fullmatch(pattern)]
        self.defects = tuple(f"{pattern!r} is not an action" for pattern in malformed)
        self._negated = negated
        self._exact = frozenset(pattern for pattern in valid if "*" not in pattern and "?" not in pattern)
        self._wild = _alternatives(pattern for pattern in valid if pattern not in self._exact)
        self._doubtful = _alternatives(malformed)

    def match(self, action: str) -> Truth:
        """Whether the lower-case ``action`` is covered."""
        if action in self._exact or (self._wild is not None and self._wild.fullmatch(action)):
            covered = YES
        elif self._doubtful is not None and self._doubtful.fullmatch(action):
            covered = MAYBE
        else:
            covered = NO
        return negate(covered) if self._negated else covered


def _alternatives(patterns: Iterable[str]) -> re.Pattern[str] | None:
    rendered = [_regex(plain_tokens(pattern), Shape.TEXT) for pattern in patterns]
    return re.compile("|".join(rendered), re.DOTALL) if rendered else None


class ResourceMatcher:
    """``Resource`` or ``NotResource``. ``defects`` names patterns that are no ARN; at most ``MAYBE``. ``variables`` are
    those of all patterns."""

    __slots__ = ("_any", "_doubtful", "_negated", "_patterns", "defects", "variables")

    def __init__(self, patterns: Iterable[str], *, negated: bool, variables: bool) -> None:
        texts = list(patterns)
        defects: list[str] = []
        malformed: list[str] = []
        self._patterns: list[Pattern] = []
        for text in texts:
            if text == "*":
                continue
            try:
                _check_resource(text, variables=variables)
                self._patterns.append(Pattern(text, Shape.RESOURCE, variables=variables))
            except MalformedText as problem:
                defects.append(str(problem))
                malformed.append(re.sub(r"\$\{.*?(\}|$)", "*", text) if variables else text)
        self._negated = negated
        self._any = "*" in texts
        self._doubtful = _alternatives(malformed)
        self.defects = tuple(defects)
        self.variables = tuple(one for text in texts for one in variables_in(text)) if variables else ()

    def match(self, resource: str, context: RequestContext) -> Truth:
        """Whether ``resource`` (an ARN or ``*``) is covered."""
        covered = YES if self._any else NO
        if covered is NO:
            for pattern in self._patterns:
                covered = max(covered, pattern.match(resource, context))
                if covered is YES:
                    break
            if covered is NO and self._doubtful is not None and self._doubtful.fullmatch(resource):
                covered = MAYBE
        return negate(covered) if self._negated else covered


def _check_resource(text: str, *, variables: bool) -> None:
    try:
        arn = Arn.parse(text)
    except ValueError:
        raise MalformedText(f"the resource {text!r} is neither an ARN nor '*'") from None
    if not arn.service or "*" in arn.service or "?" in arn.service:
        raise MalformedText(f"the service of the resource {text!r} must be spelt out")
    if variables and "${" in text.removesuffix(arn.resource):
        raise MalformedText(f"the resource {text!r} has a policy variable before its fifth colon")
