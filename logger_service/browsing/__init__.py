"""What a person looks at in the backups that are stored: which there are, and their files."""
