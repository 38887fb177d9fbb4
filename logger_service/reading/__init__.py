"""What has been recorded, for whoever wants to read it."""
