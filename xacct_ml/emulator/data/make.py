"""Makes this package's small churn data set: ``train.csv`` and ``validation.csv``, label first, no header.

Made up from a fixed seed, no customer behind it. Churn follows from a few habits and their interaction, with noise, so
that XGBoost reaches a validation AUC of about 0.9 and never 1. Columns: churned, months, monthly charge, day minutes,
evening minutes, international minutes, service calls, international plan, voice mail plan, late payments, contract
months.

Run it to make the files again: ``python -m xacct_ml.emulator.data.make``."""

import math
import random
from pathlib import Path

SEED = 20260301
ROWS = {"train": 900, "validation": 300}


def customer(chance: random.Random) -> list[str]:
    """One customer as the fields of a row, the label (1 is churned) first."""
    months = chance.randint(1, 72)
    charge = round(chance.uniform(18, 110), 1)
    day = round(max(0.0, chance.gauss(180, 54)), 1)
    evening = round(max(0.0, chance.gauss(200, 50)), 1)
    abroad = round(max(0.0, chance.gauss(10, 3)), 1)
    calls = min(9, int(chance.expovariate(0.65)))
    abroad_plan = int(chance.random() < 0.12)
    voice_mail = int(chance.random() < 0.28)
    late = min(6, int(chance.expovariate(1.1)))
    contract = chance.choice((1, 12, 24))
    score = (
        -3.4
        + 1.15 * max(0, calls - 2)
        + 0.75 * late
        + (2.4 if abroad_plan and abroad > 9 else 0.0)
        + (2.2 if day > 230 and not voice_mail else 0.0)
        + (1.7 if contract == 1 and charge > 70 else 0.0)
        - 0.025 * months
    )
    churned = chance.random() < 1 / (1 + math.exp(-1.2 * score))
    fields = (int(churned), months, charge, day, evening, abroad, calls, abroad_plan, voice_mail, late, contract)
    return [f"{field:g}" for field in fields]


def files() -> dict[str, str]:
    """File name → content; the same on every machine."""
    chance = random.Random(SEED)
    return {
        f"{channel}.csv": "".join(",".join(customer(chance)) + "\n" for _ in range(rows))
        for channel, rows in ROWS.items()
    }


if __name__ == "__main__":
    for name, content in files().items():
        (Path(__file__).parent / name).write_text(content, encoding="ascii")
