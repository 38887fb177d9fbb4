"""What a bitcoin costs, as exchanges say it: their addresses, bodies and errors."""
