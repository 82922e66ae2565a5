"""The command line: thin commands over the functions that do the work. Only :mod:`xacct_ml.cli.terminal` knows rich."""
