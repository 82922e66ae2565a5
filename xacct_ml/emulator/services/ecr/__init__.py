"""ECR: the registries that AWS keeps its XGBoost images in, for who looks whether one is there."""
