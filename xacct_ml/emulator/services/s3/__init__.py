"""S3: encryption, bucket policies, events."""
