"""CloudFormation: templates, change sets, and stacks whose resources are made by boto3 calls."""
