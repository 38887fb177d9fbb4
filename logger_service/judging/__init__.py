"""What is odd about a quote, and what the sources agree on."""
