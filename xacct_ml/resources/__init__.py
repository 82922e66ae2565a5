"""The drivers: how each AWS type is read, made, changed and deleted, and the rights that an operator needs for it."""
