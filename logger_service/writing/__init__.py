"""Who writes: our recorder on its grid of time, or the user's own logger."""
