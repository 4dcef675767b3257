"""What lies behind the figures of the day: the calls that each counts, its course, and how it was before."""
