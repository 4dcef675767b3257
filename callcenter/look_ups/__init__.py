"""What flows can ask: other systems by HTTP, and what the centre itself knows of a caller or a ticket."""
