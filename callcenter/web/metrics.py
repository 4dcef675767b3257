"""What a scraper (Prometheus) is told; no personal data is in it."""

from __future__ import annotations

from collections.abc import Iterator

from aiohttp import web
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from callcenter.listening.service import LiveSpeech
from callcenter.web.live_transcript_routes import LiveTranscriptRoutes
from callcenter.web.ports import Centre
from callcenter.web.socket import SocketHub

_BUCKETS_SEC = (0.005, 0.02, 0.1, 0.5, 1.0, 2.0, 5.0)


class _LiveCollector(Collector):
    """Reads the centre and the hub when it is scraped, and never else."""

    def __init__(self, centre: Centre, hub: SocketHub) -> None:
        self._centre = centre
        self._hub = hub

    def collect(self) -> Iterator[Metric]:
        view, counts = self._centre.view(), self._hub.counts
        yield GaugeMetricFamily("callcenter_live_calls", "Calls that are up now.", len(view.calls))
        yield GaugeMetricFamily("callcenter_journal_seq", "Number of the last journaled event.", view.seq)
        up = GaugeMetricFamily(
            "callcenter_component_up", "1 while the component is usable.", labels=["component"]
        )
        for health in view.health:
            up.add_metric([health.component], float(health.up))
        yield up
        kpi = GaugeMetricFamily("callcenter_kpi", "The KPI catalogue.", labels=["scope", "key", "unit"])
        for scope, figures in view.kpi().items():
            for figure in figures:
                if figure.value is not None:
                    kpi.add_metric([scope, figure.key, figure.unit], figure.value)
        yield kpi
        yield GaugeMetricFamily("callcenter_socket_clients", "Live sockets now.", counts.clients)
        yield CounterMetricFamily("callcenter_socket_messages", "Messages sent.", counts.messages)
        yield CounterMetricFamily("callcenter_socket_snapshots", "Snapshots sent.", counts.snapshots)
        yield CounterMetricFamily("callcenter_socket_resumed", "Sockets that resumed.", counts.resumed)
        yield CounterMetricFamily(
            "callcenter_socket_cut", "Slow sockets cut down to a snapshot.", counts.cut_to_snapshot
        )


class LiveStreams(Collector):
    """Live recognition of speech, counted when it is scraped."""

    def __init__(self, speech: LiveSpeech, routes: LiveTranscriptRoutes) -> None:
        self._speech = speech
        self._routes = routes

    def collect(self) -> Iterator[Metric]:
        streams = GaugeMetricFamily(
            "callcenter_live_speech_streams",
            "Streams of speech recognised now, of callers in a flow and of talks that are read.",
            labels=["of"],
        )
        for of, count in self._speech.streams.items():
            streams.add_metric([of], count)
        yield streams
        yield GaugeMetricFamily(
            "callcenter_live_transcript_readers", "Pages that read a talk now.", self._routes.readers
        )


class Metrics:
    """The metrics of the web, in ``registry`` beside whatever else is there."""

    def __init__(self, registry: CollectorRegistry, centre: Centre, hub: SocketHub) -> None:
        self._registry = registry
        registry.register(_LiveCollector(centre, hub))
        self.requests = Histogram(
            "callcenter_http_request_seconds",
            "Time to answer, by route and status.",
            ["method", "route", "status"],
            buckets=_BUCKETS_SEC,
            registry=registry,
        )

    async def scrape(self, _: web.Request) -> web.Response:
        """GET /metrics"""
        return web.Response(
            body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )
