"""A release: a model that was judged in a run before is deployed to targets, without training."""
