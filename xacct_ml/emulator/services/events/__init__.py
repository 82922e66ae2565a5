"""EventBridge: buses, rules and the delivery to targets."""
