"""The pipeline executor and event delivery: what CodePipeline and EventBridge do with the roles they are given."""
