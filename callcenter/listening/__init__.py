"""Who speaks is listened to meanwhile: callers in a flow, and talks that are read while they go on."""
