"""The shape of the settings, and what must agree with what.

Every section is documented where its defaults stand; ``config/*.yaml`` shows each in use. Spans carry their
unit in the name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from acd.model import OverflowKind
from acd_settings import AgentRouting, Name, Problem, QueueRouting, RoutingSection, queue_problems, unknown
from callcenter.domain.numbering import COUNTRIES
from callcenter.settings.desk import DeskSection
from callcenter.settings.outside import LookUpSection, Variable, WebhookSection, outside_problems
from callcenter.settings.outside import Name as OutsideName
from callcenter.settings.published import HumanReachSection, PublishingSection
from callcenter.settings.softphone import SoftphonesSection
from callcenter.settings.targets import Target, target_problems
from callcenter.settings.widget import WidgetSection
from ivr_flows.calendars import Calendar
from located_yaml import Section

Port = Annotated[int, Field(ge=1, le=65535)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Prefix = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}$")]
Number = Annotated[str, StringConstraints(pattern=r"^\+?[0-9*#A-Za-z]{1,32}$")]


class CentreSection(Section):
    """The centre as a whole."""

    name: str = "callcenter"
    data_dir: Path = Path("var")
    """Everything the centre writes lies below: databases, recordings, logs, secrets."""
    installed_dir: Path | None = None
    """What is installed once for several centres lies below: Asterisk, speech models, rendered prompts.
    Empty: ``data_dir``."""
    flows_dir: Path | None = None
    """The call flows (``*.yaml``). Empty: those that come with the product, or the console's copy of them."""
    default_language: Language = "zh"


class ServicesSection(Section):
    """Where the services are. Empty: the centre runs its own."""

    database_url: Annotated[str, StringConstraints(pattern=r"^postgres(ql)?://")] | None = None
    """A PostgreSQL 15 or newer, as ``postgresql://user@host/database``."""
    valkey_url: (
        Annotated[str, StringConstraints(pattern=r"^(redis|rediss|valkey|valkeys|unix)://")] | None
    ) = None
    """A Valkey or Redis 7 or newer, as ``redis://host:6379/0``."""
    asterisk_binary: Path | None = None
    """An Asterisk 22 on this machine; empty: found, or provisioned privately."""
    debian_mirror: str | None = None
    """Base address of a Debian mirror for the private Asterisk; empty: the one in this machine's apt
    sources."""


class SipSection(Section):
    """Where telephones and trunks reach the centre."""

    address: str = "127.0.0.1"
    port: Port = 5060
    rtp_first: Port = 10000
    rtp_last: Port = 11999
    rtp_timeout_sec: Annotated[int, Field(ge=5, le=600)] = 30
    """A leg that sends no audio for so long has lost its phone and is hung up."""


class PortsSection(Section):
    """Ports that are only used on this machine."""

    asterisk_http: Port = 8088
    asterisk_ami: Port = 5038
    ari: Port = 8089


class WebSection(Section):
    """The live page and the API."""

    host: str = "127.0.0.1"
    port: Port = 8080


class AdmissionSection(Section):
    """How fast callers are let in; the rest hear music and follow in order."""

    calls_per_sec: Annotated[float, Field(gt=0)] = 80.0
    burst: Annotated[int, Field(ge=1)] = 40


class RegistrationSection(Section):
    """Registering at the provider of a trunk. The password comes from the environment variable named."""

    server: str
    user: str
    secret_env: Variable


class NumberingSection(Section):
    """How trunks show the numbers of callers, so that one caller is one whichever shows the number."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    """The country in whose way numbers are shown and people write them (ISO 3166). It brings country code,
    prefixes and lengths. Empty: numbers are compared as they are shown."""
    international_prefix: Prefix | None = None
    """What stands before numbers of other countries, where it is not what is usual in the country."""
    national_prefix: Prefix | None = None
    """What stands before numbers of the country, where it is not what is usual there, such as the 9 that a
    PBX puts there."""


class TrunkSection(Section):
    """One SIP trunk, known by the addresses it calls from, or by our registration."""

    match: tuple[str, ...] = ()
    registration: RegistrationSection | None = None
    peer: str | None = None
    """Where outgoing calls go, as host or host:port."""
    channel_limit: Annotated[int, Field(ge=1)] = 26
    codecs: tuple[str, ...] = ("ulaw", "alaw")
    trusts_identity: bool = True
    numbering: NumberingSection | None = None
    """Where this trunk shows numbers otherwise than the centre's ``numbering`` says. A trunk that names a
    country has that country's prefixes, not the centre's."""

    def variables(self) -> Iterator[tuple[str, str]]:
        """The environment variables needed, each with the field that needs it."""
        if self.registration is not None:
            yield "registration.secret_env", self.registration.secret_env


class NumberSection(Section):
    """Where a called number leads. ``calendars`` lets a flow's calendar name mean another one here."""

    flow: Name
    language: Language = "zh"
    calendars: Mapping[str, str] = {}
    secrets: Mapping[Name, Variable] = {}
    """Variables of the flow, each with the environment variable that holds its value, such as a code."""

    def variables(self) -> Iterator[tuple[str, str]]:
        """The environment variables needed, each with the field that needs it."""
        for name, variable in self.secrets.items():
            yield f"secrets.{name}", variable


class CentreElsewhereSection(Section):
    """Another centre, to which flows hand calls on."""

    number: Number
    trunk: str | None = None
    """Empty: over the first trunk that can dial out."""
    header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")] = "X-Ticket-Id"
    """The SIP header that tells it the id of the call's ticket."""


class PhoneSection(Section):
    """A SIP phone at which agents work. Its password is made by the centre and lies in
    ``secrets.json`` of the data directory, readable by its owner only."""

    codecs: tuple[str, ...] = ("ulaw", "alaw")
    behind_nat: bool = False


class AgentSection(AgentRouting):
    """One agent."""

    name: str
    dials_out: bool = False
    """May make calls, where the centre lets agents dial out (``dial_out``)."""


class CallBackSection(Section):
    """How a queue calls back who does not want to wait. The place is kept; an agent is rung first."""

    key: Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")] | None = None
    """The key by which a waiting caller asks for it; empty: only ``overflow: {...: {to: call_back}}``."""
    ring_sec: Annotated[int, Field(ge=5, le=120)] = 30
    attempts: Annotated[int, Field(ge=1, le=20)] = 3
    """How often in all a caller is tried who does not answer."""
    retry_sec: Annotated[int, Field(ge=10, le=86_400)] = 300
    within_sec: Annotated[int, Field(ge=60, le=604_800)] = 14_400
    """A promise not kept after this becomes a ticket."""


class QueueSection(QueueRouting):
    """One queue."""

    title: str
    category: str
    """The category of the tickets of its calls."""
    record: bool = True
    """Whether a call is recorded (and transcribed) from its first talk with an agent of this queue on."""
    live_transcript: bool = False
    """Whether what is said in its talks is read by the agent and by supervisors while it is said. Each talk
    takes two live streams of the speech workers (``speech.live_streams``)."""
    service_level_target: Annotated[float, Field(gt=0, le=1)] = 0.95
    targets: Mapping[str, Target] = {}
    call_back: CallBackSection | None = None
    resume_within_sec: Annotated[int, Field(ge=0, le=3600)] = 0
    """Who hung up while waiting and calls again within this time stands where they stood."""


class DialOutSection(Section):
    """How agents make calls of their own; each needs ``dials_out`` besides. Who is called back from a missed
    call is shown the number that was called."""

    queue: Name
    """Whose category, recording and wrap-up these calls have."""
    shown: Number
    """The number that the other party is shown."""
    trunk: str | None = None
    """Empty: the first trunk that can dial out."""


class WaitingSection(Section):
    """What waiting callers hear over the music, by language."""

    first_after_sec: Annotated[int, Field(ge=1)] = 12
    every_sec: Annotated[int, Field(ge=5)] = 30
    announce_position: bool = True
    announce_wait: bool = False
    """Whether the expected wait is told, in minutes."""
    comfort: Mapping[Language, tuple[str, ...]] = {}
    call_back: Mapping[Language, str] = {}
    """The offer to be called back, where the queue makes it: names the key."""


class SpeechSection(Section):
    """Recognition of speech: of recordings, and of callers in a flow while they speak."""

    enabled: bool = True
    models_source: Path | None = None
    """A directory with models, looked into before anything is fetched."""
    engines: Mapping[Language, Literal["auto", "vosk", "whisper", "none"]] = {}
    """Which engine hears which language; auto: Vosk when its model is there, else Whisper."""
    live_streams: Annotated[int, Field(ge=0)] | None = None
    """How many streams of speech are recognised while they are spoken. A caller in a flow takes one, a talk
    that is read meanwhile (``live_transcript`` of its queue) two. Callers come first: those beyond go on by
    keys; talks have what is left, at most half. Empty: six for each processor."""


class PromptsSection(Section):
    """Prompts whose text is not known before the call, such as a ticket's number. They are kept a while as
    audio, because the next caller may hear the same; what was said may be personal."""

    wait_sec: Annotated[float, Field(ge=0.2, le=10)] = 2.5
    """How long a caller may wait for such a prompt, after half a second with music; then the flow goes on
    without it, and three beeps are heard."""
    kept_mb: Annotated[int, Field(ge=1)] = 200
    kept_days: Annotated[int, Field(ge=1, le=366)] = 7


class PauseReasonSection(Section):
    """Why an agent may be not ready."""

    title: str
    paid: bool = True
    limit_sec: Annotated[int, Field(ge=1)] | None = None
    """The pause is overdue after this; empty: never."""


class Settings(Section):
    """All settings."""

    centre: CentreSection = CentreSection()
    services: ServicesSection = ServicesSection()
    sip: SipSection = SipSection()
    ports: PortsSection = PortsSection()
    web: WebSection = WebSection()
    admission: AdmissionSection = AdmissionSection()
    numbering: NumberingSection = NumberingSection()
    trunks: Mapping[Name, TrunkSection] = {}
    numbers: Mapping[Number, NumberSection] = {}
    any_number: NumberSection
    centres: Mapping[Name, CentreElsewhereSection] = {}
    phones: Mapping[Name, PhoneSection] = {}
    softphones: SoftphonesSection = SoftphonesSection()
    agents: Mapping[Name, AgentSection] = {}
    skills: Mapping[Name, str] = {}
    queues: Mapping[Name, QueueSection] = {}
    dial_out: DialOutSection | None = None
    """Empty: nobody dials out."""
    calendars: Mapping[Name, Calendar] = {}
    routing: RoutingSection = RoutingSection()
    pause_reasons: Mapping[Name, PauseReasonSection] = {}
    dispositions: Mapping[Name, str] = {}
    """What can come of a call, by code: the words that agents see."""
    waiting: WaitingSection = WaitingSection()
    speech: SpeechSection = SpeechSection()
    prompts: PromptsSection = PromptsSection()
    publishing: PublishingSection = PublishingSection()
    look_ups: Mapping[OutsideName, LookUpSection] = {}
    webhooks: Mapping[OutsideName, WebhookSection] = {}
    caller_lists: Mapping[OutsideName, str] = {}
    """The lists of callers that there are, with what people call them."""
    human_reach: HumanReachSection = HumanReachSection()
    desk: DeskSection = DeskSection()
    widget: WidgetSection = WidgetSection()
    targets: Mapping[str, Target] = {}

    def disagreements(self) -> Iterator[Problem]:
        """What is well-formed but does not fit together: the path of each, and what is wrong."""
        yield from self._skills_exist()
        yield from queue_problems(self.queues, self.agents, self.queues)
        yield from target_problems(self.targets, {name: one.targets for name, one in self.queues.items()})
        yield from self._call_backs_are_possible()
        yield from self._dialling_out_is_possible()
        yield from self._ports_differ()
        yield from self._countries_exist()
        yield from outside_problems(self.look_ups)
        yield from self.widget.disagreements()
        for name, centre in self.centres.items():
            if centre.trunk is not None and centre.trunk not in self.trunks:
                yield ("centres", name, "trunk"), unknown("trunk", centre.trunk, self.trunks)
        for did, number in self.numbers.items():
            for name in number.calendars.values():
                if name not in self.calendars:
                    yield ("numbers", did, "calendars"), unknown("calendar", name, self.calendars)

    def _skills_exist(self) -> Iterator[Problem]:
        holders: tuple[tuple[str, Mapping[str, AgentSection] | Mapping[str, QueueSection]], ...] = (
            ("agents", self.agents),
            ("queues", self.queues),
        )
        for section, entries in holders:
            for name, entry in entries.items():
                for skill in entry.skills:
                    if skill not in self.skills:
                        yield (section, name, "skills", skill), unknown("skill", skill, self.skills)

    def _call_backs_are_possible(self) -> Iterator[Problem]:
        for name, queue in self.queues.items():
            for reason, target in queue.overflow.items():
                if target.to is OverflowKind.CALL_BACK and queue.call_back is None:
                    told = f"queue '{name}' calls nobody back: give it 'call_back: {{}}'"
                    yield ("queues", name, "overflow", reason.value), told
            if queue.call_back and queue.call_back.key and not self.waiting.call_back:
                told = "nobody is told of this key: add 'waiting: {call_back: {zh: ...}}'"
                yield ("queues", name, "call_back", "key"), told

    def _dialling_out_is_possible(self) -> Iterator[Problem]:
        if self.dial_out is None:
            return
        if self.dial_out.queue not in self.queues:
            yield ("dial_out", "queue"), unknown("queue", self.dial_out.queue, self.queues)
        if self.dial_out.trunk is not None and self.dial_out.trunk not in self.trunks:
            yield ("dial_out", "trunk"), unknown("trunk", self.dial_out.trunk, self.trunks)

    def _countries_exist(self) -> Iterator[Problem]:
        sections: dict[tuple[str, ...], NumberingSection] = {("numbering",): self.numbering}
        for name, trunk in self.trunks.items():
            if trunk.numbering is not None:
                sections["trunks", name, "numbering"] = trunk.numbering
        for path, section in sections.items():
            country = section.country or self.numbering.country
            if section.country is not None and section.country not in COUNTRIES:
                told = f"there is no country '{section.country}': a code of ISO 3166 such as CN"
                yield (*path, "country"), told
            elif country is None and (section.international_prefix or section.national_prefix):
                yield path, "prefixes say nothing without a country: add 'country: CN'"

    def _ports_differ(self) -> Iterator[Problem]:
        seen: dict[int, str] = {}
        ports: dict[tuple[str, str], int] = {
            ("ports", "asterisk_http"): self.ports.asterisk_http,
            ("ports", "asterisk_ami"): self.ports.asterisk_ami,
            ("ports", "ari"): self.ports.ari,
            ("web", "port"): self.web.port,
        }
        for path, port in ports.items():
            if port in seen:
                yield path, f"port {port} is already used by {seen[port]}"
            seen.setdefault(port, ".".join(path))
        if self.sip.rtp_first + 3 > self.sip.rtp_last:
            yield ("sip", "rtp_last"), "must lie at least 3 above rtp_first"
