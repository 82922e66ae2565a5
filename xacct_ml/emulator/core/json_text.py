"""Why AWS's JSON parser refuses a text, in its words.

Words: answers of AWS recorded in LocalStack's tests (tests/emulator/recorded [C]); the parser is Jackson."""

import json
import re

_LITERALS = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


def problem(text: str) -> str | None:
    """``None`` where the text is JSON."""
    try:
        json.loads(text)
    except ValueError as error:
        return _words(text, error)
    return None


def _words(text: str, error: ValueError) -> str:
    position = error.pos if isinstance(error, json.JSONDecodeError) else 0
    rest = text[position:].lstrip()
    if not rest:
        return "Unexpected end-of-input"
    if (token := re.match(r"[A-Za-z_$][\w$]*", rest)) is not None:
        return f"Unrecognized token '{token[0]}': was expecting {_LITERALS}"
    shown = f"Unexpected character ('{rest[0]}' (code {ord(rest[0])}))"
    if "property name" in str(error):
        return f"{shown}: was expecting double-quote to start field name"
    if "':' delimiter" in str(error):
        return f"{shown}: was expecting a colon to separate field name and value"
    if "',' delimiter" in str(error):
        return f"{shown}: was expecting comma to separate entries"
    return f"{shown}: expected a valid value {_LITERALS}"
