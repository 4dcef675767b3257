"""The controller: one mailbox, one mutator, and the pure machines behind it."""
