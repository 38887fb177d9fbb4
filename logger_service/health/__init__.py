"""How the logger stands: what anybody may know of it, and all of it for whoever has the token."""
