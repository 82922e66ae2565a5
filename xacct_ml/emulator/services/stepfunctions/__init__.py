"""Step Functions: moto's interpreter with tasks that are boto3 calls by the machine's role."""
