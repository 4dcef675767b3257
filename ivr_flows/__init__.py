"""IVR flows: YAML in, a pure interpreter that is told what happened and answers what to do."""
