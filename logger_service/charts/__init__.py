"""Charts as geometry, in places that a template only has to write down."""
