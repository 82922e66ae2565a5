"""SageMaker: training with XGBoost, models and endpoints."""
