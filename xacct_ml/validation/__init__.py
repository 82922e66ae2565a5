"""Whether AWS would take what a map says: the limits of every service that a value, a name or a document flows into."""

from xacct_ml.validation.load import load

__all__ = ["load"]
