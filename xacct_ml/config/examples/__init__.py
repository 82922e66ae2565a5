"""The account maps that the documentation speaks of, as they are in ``config.example.yaml`` and ``docs/maps``."""

from pathlib import Path

EXAMPLE = Path(__file__).parent / "config.example.yaml"
"""Every field, explained; it works as it is in the embedded AWS."""

SCHEMA = Path(__file__).parent / "config.schema.json"
"""What a map may have, for editors (docs/map.md)."""
