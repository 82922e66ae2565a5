"""What a run's record says, and what an approver must know of it."""
