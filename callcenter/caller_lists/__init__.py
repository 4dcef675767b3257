"""Lists of callers: black list, VIP, key callers."""
