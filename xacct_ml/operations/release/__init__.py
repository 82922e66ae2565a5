"""Releases: a model that was judged before onto a target, the way back, and what served when."""
