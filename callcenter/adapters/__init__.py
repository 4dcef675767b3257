"""The world as the controller's ports see it: each adapter beside its in-memory twin."""
