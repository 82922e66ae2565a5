"""Cross-account machine-learning pipelines on AWS: trained in one account, served from another, every hop proven."""

__version__ = "0.1.0"
