"""The pipeline's source, as far as it is seen from here: what it must hold, whether it does, new versions of it."""
