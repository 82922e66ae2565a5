"""AWS Lambda: functions run in processes of their own."""
