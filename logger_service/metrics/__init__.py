"""What instruments are told: figures, read from the live objects when somebody asks."""
