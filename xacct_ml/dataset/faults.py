"""What is wrong with a file, or doubtful, each with its place and how often; all of it at once."""

from dataclasses import dataclass, field, replace

KINDS_KEPT = 20
"""More kinds of faults in one file than this are not told one by one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault and the first place of it. ``row`` and ``column`` are 1-based; None where it has none.

    ``count`` is how many rows have it in this column."""

    what: str
    row: int | None = None
    column: int | None = None
    count: int = 1

    def __str__(self) -> str:
        places = [f"row {self.row}"] if self.row else []
        places += [f"column {self.column}"] if self.column else []
        others = self.count - 1
        more = f" (and {others:,} more row{'' if others == 1 else 's'})" if others else ""
        return f"{', '.join(places)}: {self.what}{more}" if places else f"{self.what}{more}"


@dataclass(slots=True)
class Faults:
    """Collects them by kind and column, so that a million wrong rows are one line."""

    kept: dict[tuple[str, int | None], Fault] = field(default_factory=dict)
    left_out: int = 0

    def add(self, kind: str, what: str, row: int | None = None, column: int | None = None) -> None:
        """``kind`` is what makes two faults the same; ``what`` is what is said of the first."""
        known = self.kept.get((kind, column))
        if known is not None:
            self.kept[kind, column] = replace(known, count=known.count + 1)
        elif len(self.kept) < KINDS_KEPT:
            self.kept[kind, column] = Fault(what, row, column)
        else:
            self.left_out += 1

    def join(self, other: "Faults", rows: int) -> None:
        """Takes over what another file has, whose rows come after ``rows`` others."""
        self.left_out += other.left_out
        for (kind, column), fault in other.kept.items():
            row = None if fault.row is None else rows + fault.row
            known = self.kept.get((kind, column))
            if known is not None:
                self.kept[kind, column] = replace(known, count=known.count + fault.count)
            elif len(self.kept) < KINDS_KEPT:
                self.kept[kind, column] = replace(fault, row=row)
            else:
                self.left_out += 1

    def faults(self) -> list[Fault]:
        """In the order of the rows; the last tells how many kinds more there were."""
        found = sorted(self.kept.values(), key=lambda fault: (fault.row or 0, fault.column or 0))
        return [*found, Fault(f"and {self.left_out:,} more of other kinds")] if self.left_out else found
