"""Staffing and what-if: what the past of the centre says about days to come, simulated beside the calls."""
