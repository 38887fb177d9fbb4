"""What the providers hold, looked at all the while so that nobody who asks waits for storage."""
