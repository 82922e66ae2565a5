"""Every action of every role against every resource: nothing is allowed that no hop needs."""
