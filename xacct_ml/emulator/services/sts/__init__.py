"""STS: AssumeRole; the sessions themselves are in the core."""
