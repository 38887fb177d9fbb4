"""What the logger answers over HTTP, and to whom."""
