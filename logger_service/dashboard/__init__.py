"""One page on which a person sees in five seconds how it stands, and steers it."""
