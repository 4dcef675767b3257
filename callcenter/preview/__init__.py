"""The console over a made-up centre: every page, without telephony, for work at it and for tests."""
