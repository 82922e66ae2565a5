"""The requests that a run of the pipeline makes, as the services send them."""
