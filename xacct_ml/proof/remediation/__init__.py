"""What a denial means, and the statement that would allow it."""
