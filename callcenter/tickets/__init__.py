"""The thin order store: what citizens ask for, from the first call to the end."""
