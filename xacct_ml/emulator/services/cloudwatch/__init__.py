"""CloudWatch: alarms and metrics, as moto has them."""
