"""The centre in virtual time: the production Router, made-up callers and agents, and the theory beside them.

Nothing here reads a clock, logs or does IO. Seeds and times are arguments: the same seed gives the same
result, byte for byte. Instants of a simulation are ``int`` milliseconds since its first midnight.
"""
