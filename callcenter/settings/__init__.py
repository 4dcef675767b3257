"""Settings: frozen, read from ``config/*.yaml`` and the environment, refused whole with every mistake."""

from callcenter.settings.load import SettingsSource, load_settings
from callcenter.settings.model import Settings

__all__ = ["Settings", "SettingsSource", "load_settings"]
