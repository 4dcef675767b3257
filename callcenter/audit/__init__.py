"""Who saw personal data or changed something, when, from where and why."""
