"""CloudWatch: alarms and metrics, as moto has them, and without what deleted ones leave behind."""
