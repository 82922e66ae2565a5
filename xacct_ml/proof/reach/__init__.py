"""What an attacker can become by further calls, and which attacks that leaves possible."""
