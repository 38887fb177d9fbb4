"""What is written down: rows that are only ever appended, and a state beside them."""
