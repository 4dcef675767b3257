"""Telephones in the browser: short-lived SIP credentials, pushed to the switch, and the way to it."""
