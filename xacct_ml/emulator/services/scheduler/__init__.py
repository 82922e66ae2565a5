"""EventBridge Scheduler: groups, schedules, and what they invoke at their times by the running AWS's clock."""
