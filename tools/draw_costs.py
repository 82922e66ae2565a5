"""Draws what each documented map costs: ``python -m tools.draw_costs``. Writes the table into docs/costs.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.draw_figures import DOCS, EXAMPLE, of_name
from xacct_ml.cli.views.costs import usd_text
from xacct_ml.operations.costs.charge import Cost
from xacct_ml.operations.costs.estimate import estimate
from xacct_ml.validation import load

PAGE = DOCS / "costs.md"
_MAPS = {
    EXAMPLE: "one target, one `ml.m5.large`",
    "waves.yaml": "three targets, in two waves",
    "regions.yaml": "two targets, in two regions",
    "everything.yaml": "serverless endpoints in three regions, a repository in an account of its own, a schedule",
}
_BETWEEN = re.compile(r"(?<=<!-- maps -->\n).*(?=<!-- /maps -->)", re.DOTALL)


def table() -> str:
    """A row for each map; ``?`` where a price is not known, which is in no sum."""
    return "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    yield from ("| Map | has | each month | of it | a run, at most | a release, at most |", "|---|---|---|---|---|---|")
    for name, has in _MAPS.items():
        found = estimate(load(of_name(name)))
        run, release = found.runs
        of_it = "; ".join(
            f"{charge.what} {'?' if charge.usd is None else usd_text(charge.usd)}" for charge in found.month.charges
        )
        yield f"| `{name}` | {has} | {_sum(found.month)} | {of_it} | {_sum(run)} | {_sum(release)} |"


def _sum(cost: Cost) -> str:
    return f"{usd_text(cost.usd)}{' + ?' if cost.unknown else ''}"


def written(page: str) -> str:
    """The page with the table of now."""
    return _BETWEEN.sub(lambda _: table(), page)


def main() -> None:
    PAGE.write_text(written(PAGE.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
