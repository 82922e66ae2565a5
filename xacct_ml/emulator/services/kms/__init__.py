"""KMS: key states, key policies and encryption contexts."""
