"""Whether every part of the documents is needed."""
