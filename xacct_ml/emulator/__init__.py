"""The embedded AWS: moto behind a gate that decides every request by the policies stored in it."""
