"""The call centre's controller and everything of it that touches the world."""
