"""What must be possible, one request at a time, decided from the documents alone."""
