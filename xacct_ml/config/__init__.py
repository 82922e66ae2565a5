"""The account map: one YAML file that says which accounts, region and names everything is made from."""

from xacct_ml.config.load import load
from xacct_ml.config.model import Config

__all__ = ["Config", "load"]
