"""SNS: topics with policies, who publishes to them, and what their subscribers are told."""
