"""What the calendars say of days and instants, as people look it up."""
