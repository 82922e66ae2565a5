"""The pipeline's actions: a module each has its declaration and the rights of the role that runs it."""
