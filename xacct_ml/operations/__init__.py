"""The work behind the commands: what each does in the accounts."""
