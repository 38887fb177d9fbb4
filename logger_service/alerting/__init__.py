"""Who is not looking is told: what holds here, compared with what was told of it."""
