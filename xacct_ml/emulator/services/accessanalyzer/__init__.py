"""IAM Access Analyzer: what validates policies."""
