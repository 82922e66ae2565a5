"""Policy variables and wildcards in a policy's text.

Source: IAM User Guide, "IAM policy elements: Variables and tags" (reference_policies_variables) [D]: variables
exist from version 2012-10-17 on, names are case-insensitive, ``${*}``, ``${?}`` and ``${$}`` stand for the
characters themselves, a default follows in quotes (``${aws:PrincipalTag/team, 'company-wide'}``), a multivalued
key cannot be a variable, and a variable that cannot be resolved "might cause the entire statement to be invalid"."""

import re
from dataclasses import dataclass
from enum import Enum

from xacct_ml.access.context import RequestContext


class MalformedText(ValueError):
    """A part of a policy that has no meaning in IAM; the message says what is wrong."""


class Wildcard(Enum):
    MANY = "*"
    ONE = "?"


@dataclass(frozen=True, slots=True)
class Variable:
    """``${key}`` or ``${key, 'default'}``; ``key`` is in lower case."""

    key: str
    default: str | None = None


Plain = str | Wildcard
Token = str | Wildcard | Variable

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_NAME_AND_DEFAULT = re.compile(r"([^\s,'*?$]+)(?:, '([^']*)')?")
_ESCAPES = frozenset("*?$")
_WILDCARDS = re.compile(r"([*?])")


def tokenise(text: str, *, wildcards: bool, variables: bool) -> tuple[Token, ...]:
    """``text`` as literals, wildcards and variables; what is switched off stays literal.

    Raises ``MalformedText`` for a variable that is not closed or not well formed."""
    tokens: list[Token] = []
    position = 0
    if variables:
        for found in _VARIABLE.finditer(text):
            tokens.extend(_text_tokens(text[position : found.start()], wildcards))
            tokens.append(_variable(found[1]))
            position = found.end()
        if "${" in text[position:] or any(isinstance(token, str) and "${" in token for token in tokens):
            raise MalformedText(f"a policy variable in {text!r} is not closed")
    tokens.extend(_text_tokens(text[position:], wildcards))
    return tuple(tokens)


def variables_in(text: str) -> tuple[Variable, ...]:
    """The variables of ``text``; none where one of them is malformed."""
    try:
        return tuple(token for token in tokenise(text, wildcards=False, variables=True) if isinstance(token, Variable))
    except MalformedText:
        return ()


def _text_tokens(text: str, wildcards: bool) -> tuple[Plain, ...]:
    return plain_tokens(text) if wildcards else (text,)


def plain_tokens(text: str) -> tuple[Plain, ...]:
    """``text`` with ``*`` and ``?`` as wildcards."""
    return tuple(Wildcard(piece) if index % 2 else piece for index, piece in enumerate(_WILDCARDS.split(text)) if piece)


def _variable(content: str) -> str | Variable:
    if content in _ESCAPES:
        return content
    parsed = _NAME_AND_DEFAULT.fullmatch(content)
    if parsed is None:
        raise MalformedText(f"'${{{content}}}' is not a policy variable")
    return Variable(parsed[1].lower(), parsed[2])


@dataclass(frozen=True, slots=True)
class Substitution:
    """Tokens after their variables were replaced.

    ``literal`` takes every value as it is, and is ``None`` when a variable has no usable value. ``widest`` covers
    every reading: a variable without a value matches anything, and wildcards inside a value count as wildcards
    where the text may have wildcards at all."""

    literal: tuple[Plain, ...] | None
    widest: tuple[Plain, ...]


def substitute(tokens: tuple[Token, ...], context: RequestContext, *, wildcards: bool) -> Substitution:
    """Replace the variables of ``tokens`` with the request's values."""
    literal: list[Plain] = []
    widest: list[Plain] = []
    resolved = True
    for token in tokens:
        if not isinstance(token, Variable):
            literal.append(token)
            widest.append(token)
            continue
        value = variable_value(token, context)
        if value is None:
            resolved = False
            widest.append(Wildcard.MANY)
        else:
            literal.append(value)
            widest.extend(plain_tokens(value) if wildcards else (value,))
    return Substitution(tuple(literal) if resolved else None, tuple(widest))


def variable_value(variable: Variable, context: RequestContext) -> str | None:
    """The one value of the variable, or ``None``: absent without default, empty, multivalued or unknown.

    An empty value is "effectively null" in one sentence of the page and a value in another, so it counts as none."""
    values = context.get(variable.key)
    if values is None:
        return variable.default
    if isinstance(values, tuple) and len(values) == 1 and values[0]:
        return values[0]
    return None
