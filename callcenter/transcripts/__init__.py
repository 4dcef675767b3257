"""What was said in a call, as text."""
