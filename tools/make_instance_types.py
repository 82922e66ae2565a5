"""Writes which instance types SageMaker's API takes: ``python -m tools.make_instance_types``.

From the installed botocore's model of SageMaker [B] into xacct_ml/tables/data/instance_types.toml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import botocore
import botocore.session

FILE = Path(__file__).parent.parent / "xacct_ml" / "tables" / "data" / "instance_types.toml"
SHAPES = {
    "training": "TrainingInstanceType",
    "endpoint": "ProductionVariantInstanceType",
    "transform": "TransformInstanceType",
}

_HEAD = """\
# Which instance types SageMaker's API takes, for training jobs, endpoints and batch transforms: sizes by family [B].
#
# Written by tools/make_instance_types.py from botocore {version}. Not every region has each of them.
"""


def text() -> str:
    """The file, as the installed botocore has it."""
    model = botocore.session.get_session().get_service_model("sagemaker")
    known = {use: model.shape_for(shape).enum for use, shape in SHAPES.items()}
    return "\n".join([_HEAD.format(version=botocore.__version__), *_tables(known)])


def _tables(known: dict[str, list[str]]) -> Iterator[str]:
    for use, names in known.items():
        families: dict[str, list[str]] = {}
        for name in names:
            _, family, size = name.split(".")
            families.setdefault(family, []).append(size)
        yield "\n".join(
            [f"[{use}]", *(f'{family} = "{" ".join(families[family])}"' for family in sorted(families)), ""]
        )


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
