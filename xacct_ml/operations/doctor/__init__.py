"""doctor: what would fail later, asked of the real accounts before it costs anything; one module for each check."""
