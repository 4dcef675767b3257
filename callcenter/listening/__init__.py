"""Callers in the flow are listened to while they speak."""
