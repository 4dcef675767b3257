"""The services that a default run brings along: Asterisk, PostgreSQL and Valkey.

Each is provisioned, started, watched, restarted and stopped with the centre, as root or as an ordinary
user, and each can be replaced by the address of a real server in the settings.
"""
