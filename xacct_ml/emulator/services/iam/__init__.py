"""IAM: what AWS refuses and moto saves, and the reading of moto's state."""
