"""Where callers' numbers belong, without asking anybody outside."""
