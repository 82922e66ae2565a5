"""The command line: thin commands over the operations. Only :mod:`xacct_ml.cli.terminal` knows rich."""
