"""Application Auto Scaling: instance counts of SageMaker's endpoints."""
