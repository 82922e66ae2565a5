"""Decide IAM requests from policy documents: who asks for what, which statements allow or deny it, and why."""
