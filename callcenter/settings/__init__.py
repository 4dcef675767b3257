"""Settings: frozen, read from ``config/*.yaml`` and the environment, refused whole with every mistake."""

from callcenter.settings.load import SettingsSource, copied_flows, load_settings, with_copied_flows
from callcenter.settings.model import Settings

__all__ = ["Settings", "SettingsSource", "copied_flows", "load_settings", "with_copied_flows"]
