"""How every component of the centre is, since when, and what to do where it is not well."""
