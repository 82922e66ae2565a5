"""Training data: checked as it is read, uploaded as it was checked, announced by a manifest that is written last."""
