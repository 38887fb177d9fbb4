"""The logger's own backups: at its end, at critical events, and locally every so often."""
