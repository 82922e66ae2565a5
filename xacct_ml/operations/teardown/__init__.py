"""``teardown``: what exists, deleted in the safe order, and what is left afterwards, with the reason."""
