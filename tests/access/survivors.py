"""Mutants of the evaluator that no test notices, each with the reason why none can or need.

``python -m tools.mutate`` compares this list with what really survives, both ways.
"""

from __future__ import annotations

SURVIVORS: dict[str, str] = {}
