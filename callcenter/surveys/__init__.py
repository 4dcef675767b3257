"""What callers say of the service after the talk."""
