"""Plan, apply and destroy resources by their dependencies. Knows nothing about AWS."""
