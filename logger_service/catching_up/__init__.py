"""While the logger runs, it brings in what the archive has and it lacks."""
