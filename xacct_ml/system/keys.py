"""The project's KMS keys: one in the pipeline's region, one in each other region that has a production target; and one
of each target whose requests are captured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xacct_ml.system.names import Names


@dataclass(frozen=True)
class Keys(Mapping[str, str]):
    """Region to key ARN, the pipeline's region first. Hashable, so that what is rendered for it can be cached.

    ``captured`` are the ARNs of the keys of captured requests, by target."""

    arns: tuple[tuple[str, str], ...]
    captured: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, arns: Mapping[str, str], captured: Mapping[str, str] | None = None) -> Keys:
        """``arns`` by region, the pipeline's region first; ``captured`` by target."""
        return cls(tuple(arns.items()), tuple((captured or {}).items()))

    @classmethod
    def stand_ins(cls, names: Names) -> Keys:
        """Stand for keys that do not exist yet; in the pipeline's region the map's key, where it names one."""
        captured = {target.name: names.capture_key_arn(target) for target in names.capturing}
        return cls.of({region: names.key_arn(region=region) for region in names.regions}, captured)

    @property
    def pipeline(self) -> str:
        """The key of the pipeline's region."""
        return self.arns[0][1]

    @property
    def others(self) -> Mapping[str, str]:
        """The keys of the other regions, by region."""
        return dict(self.arns[1:])

    def of_captured(self, target: str) -> str:
        """The key of what is captured of a target's endpoint, by the target's name."""
        return dict(self.captured)[target]

    def __getitem__(self, region: str) -> str:
        for name, arn in self.arns:
            if name == region:
                return arn
        raise KeyError(region)

    def __iter__(self) -> Iterator[str]:
        return (region for region, _ in self.arns)

    def __len__(self) -> int:
        return len(self.arns)
