"""How an extra that is missing is installed. The package is on no index yet, so its name alone is never given to pip:
anybody could register it there."""


def install(extra: str) -> str:
    """The next step where a part needs ``extra``."""
    return f"in a checkout of xacct-ml: pip install '.[{extra}]'"
