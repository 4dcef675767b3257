"""Reports: the figures of the catalogue over any time, by interval, queue or agent."""
