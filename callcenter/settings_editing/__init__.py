"""People change the settings over the API; the truth stays the YAML files, comments and all."""
