"""Training data and sources: checked as they are read, uploaded as they were checked."""
