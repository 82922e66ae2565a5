"""What a denial means, and the statement that mends it."""
