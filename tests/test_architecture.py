"""The architecture as failing tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_import_contracts_hold() -> None:
    """Imports point downward; pure packages know no AWS client."""
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_tests_do_not_patch() -> None:
    """Fakes are handed in."""
    forbidden = ("mock" + ".patch", "monkeypatch" + ".setattr", "unittest" + ".mock")
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in (ROOT / "tests").rglob("*.py")
        for word in forbidden
        if word in path.read_text()
    ]
    assert found == []
