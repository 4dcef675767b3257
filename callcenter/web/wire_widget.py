"""The JSON shape of the widget. See ``wire``."""

from __future__ import annotations

from callcenter.web.wire import Wire


class WidgetAnswer(Wire):
    """The origins whose pages may have the widget; none: there is no widget."""

    origins: list[str]
