"""IAM: what AWS refuses and moto saves."""
