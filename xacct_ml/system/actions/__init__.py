"""The pipeline's actions."""
