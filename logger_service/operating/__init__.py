"""What a person asks of a running logger: work in the background, and how far it is."""
