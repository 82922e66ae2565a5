"""CodeConnections, and the git host behind a connection."""
