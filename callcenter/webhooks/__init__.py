"""Other systems that flows tell something."""
