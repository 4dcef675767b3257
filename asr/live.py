"""A live stream in the worker: frames in, partial and final texts out, never more than a few seconds behind."""
