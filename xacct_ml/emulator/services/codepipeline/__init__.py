"""CodePipeline: pipelines, their runs and what starts them."""
