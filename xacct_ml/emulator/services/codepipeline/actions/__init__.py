"""The actions of a pipeline: one module per provider."""
