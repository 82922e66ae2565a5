"""Service Quotas: those of SageMaker's instances."""
