"""What each part of the centre is set to, out of the settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from pathlib import Path

from callcenter.adapters.asterisk.config import (
    Phone,
    Registration,
    SwitchConfig,
    SwitchDirectories,
    SwitchPorts,
    Trunk,
)
from callcenter.controller.floor import CentreConfig, NumberRoute, OtherCentre
from callcenter.controller.messages import Reconfigured
from callcenter.domain.caller_lists import CallerLists
from callcenter.domain.dial_out import DialOutPolicy
from callcenter.domain.events import KpiPolicyInForce
from callcenter.domain.kpi import TOTAL, KpiPolicy
from callcenter.domain.numbering import Numbering, NumberingPlan
from callcenter.domain.queue_policy import CallBackPolicy, QueuePolicy
from callcenter.domain.waiting_room import WaitingPolicy
from callcenter.flow_versions.service import flows_of_version
from callcenter.flow_versions.store import FlowStore
from callcenter.look_ups.model import OWN_SHAPES
from callcenter.places import Places
from callcenter.prompts.impromptu import Bounds
from callcenter.secrets import Secrets
from callcenter.settings.model import NumberingSection, NumberSection, Settings, TrunkSection
from callcenter.settings.outside import HttpSection
from callcenter.settings.routing import acd_config, version
from callcenter.settings.softphone import IceServerSection
from callcenter.web.wire_softphone import IceServer
from ivr_flows.check import LookUpShape, Outside, prompts_of, surroundings_mistakes
from ivr_flows.effects import PromptText
from ivr_flows.files import read_flows
from ivr_flows.model import Flow, QueueNode
from ivr_flows.sealing import Seal
from located_yaml import Mistake, Mistakes


def written_flows(settings: Settings) -> dict[str, Flow]:
    """The centre's flows as they are written. Raises Mistakes with all that is wrong in them, or between them
    and the settings."""
    directory = settings.centre.flows_dir
    if directory is not None and not directory.is_dir():
        raise Mistakes([Mistake("config", 1, 1, (), f"centre.flows_dir: there is no directory {directory}")])
    return fitting(settings, read_flows(directory))


def flows_to_run(settings: Settings, places: Places) -> dict[str, Flow]:
    """The flows that a start would run: the version in force; as long as nothing was published those that are
    written. Raises Mistakes, FlowStoreError and OSError."""
    store = FlowStore(places.flow_versions)
    number = store.state().number
    return fitting(settings, flows_of_version(store, number)) if number else written_flows(settings)


def published_flows(store: FlowStore) -> list[tuple[str, Flow]]:
    """The flows, with their names, of the versions in force and staged. Raises as ``flows_to_run``."""
    state = store.state()
    numbers = dict.fromkeys([state.number, state.staged.number if state.staged else 0])
    return [pair for number in numbers if number for pair in flows_of_version(store, number).items()]


def fitting(settings: Settings, known: dict[str, Flow]) -> dict[str, Flow]:
    """The same flows. Raises Mistakes with all that is wrong between them and the settings: also with the
    numbers that lead to none of them."""
    if wrong := [*mistakes_between(settings, known.values()), *numbers_without_flow(settings, known)]:
        raise Mistakes(wrong)
    return known


def mistakes_between(
    settings: Settings, flows: Iterable[Flow], has_audio: Callable[[PromptText], bool] | None = None
) -> list[Mistake]:
    """All that is wrong between the flows and the settings, and their prompts without audio where that is
    asked."""
    surroundings = partial(
        surroundings_mistakes,
        queues=settings.queues,
        calendars=settings.calendars,
        has_audio=has_audio,
        calling_back=calling_back(settings),
        outside=outside(settings),
        trunks=outgoing_trunks(settings),
        centres=settings.centres,
    )
    return [mistake for flow in flows for mistake in surroundings(flow)]


def outside(settings: Settings) -> Outside:
    """What flows can ask and tell."""
    asked = {
        name: LookUpShape(look_up.needs, dict.fromkeys(look_up.results))
        for name, look_up in settings.look_ups.items()
    }
    return Outside({**OWN_SHAPES, **asked}, tuple(settings.webhooks), tuple(settings.caller_lists))


def unset_variables(settings: Settings, environment: Mapping[str, str]) -> list[Mistake]:
    """A mistake for each environment variable that is not set and that a look-up, a webhook, or the flow of
    a number needs: of all that can come in force while the centre is at work."""
    return _unset(
        {
            **{f"look_ups.{name}": look_up for name, look_up in settings.look_ups.items()},
            **{f"webhooks.{name}": webhook for name, webhook in settings.webhooks.items()},
            **{f"numbers.{did}": number for did, number in settings.numbers.items()},
            "any_number": settings.any_number,
        },
        environment,
    )


def unset_at_start(settings: Settings, environment: Mapping[str, str]) -> list[Mistake]:
    """As ``unset_variables``, also of the trunks and of what helps softphones, which come in force by a start
    only."""
    trunks = {f"trunks.{name}": trunk for name, trunk in settings.trunks.items()}
    servers = {
        f"softphones.ice_servers.{place}": one for place, one in enumerate(settings.softphones.ice_servers)
    }
    told = unset_variables(settings, environment)
    return [*told, *_unset(trunks, environment), *_unset(servers, environment)]


def _unset(
    sections: Mapping[str, HttpSection | NumberSection | TrunkSection | IceServerSection],
    environment: Mapping[str, str],
) -> list[Mistake]:
    return [
        Mistake("config", 1, 1, (), f"{where}.{field}: set the environment variable {variable}")
        for where, section in sections.items()
        for field, variable in section.variables()
        if not environment.get(variable)
    ]


def waiting_policy(settings: Settings) -> WaitingPolicy:
    """What waiting callers hear."""
    waiting = settings.waiting
    return WaitingPolicy(
        waiting.first_after_sec,
        waiting.every_sec,
        waiting.announce_position,
        dict(waiting.comfort),
        dict(waiting.call_back),
        waiting.announce_wait,
    )


def calling_back(settings: Settings) -> dict[str, str | None]:
    """The queues whose callers may be promised a call-back, there or where they overflow to, each with the
    key that asks for it there."""
    found = {name: queue.call_back.key for name, queue in settings.queues.items() if queue.call_back}
    while more := {
        name: None
        for name, queue in settings.queues.items()
        if name not in found and any(target.queue in found for target in queue.overflow.values())
    }:
        found |= more
    return found


def numbers_without_flow(settings: Settings, known: Collection[str]) -> list[Mistake]:
    """A mistake for each number that leads to none of these flows."""
    return [
        Mistake("config", 1, 1, (), f"numbers.{did}: no flow '{number.flow}'; there are: {', '.join(known)}")
        for did, number in {**settings.numbers, "any_number": settings.any_number}.items()
        if number.flow not in known
    ]


def all_prompts(settings: Settings, known: Mapping[str, Flow]) -> tuple[PromptText, ...]:
    """Every text that a caller can hear."""
    texts = [prompt for flow in known.values() for prompt in prompts_of(flow)]
    usual = waiting_policy(settings)
    nodes = (node for flow in known.values() for node in flow.nodes.values())
    waits = [usual, *(usual.changed_by(node.waiting) for node in nodes if isinstance(node, QueueNode))]
    return tuple(dict.fromkeys([*texts, *(text for policy in waits for text in policy.prompts())]))


def kept_prompts(settings: Settings) -> Bounds:
    """How much is kept of what was said during calls."""
    return Bounds(settings.prompts.kept_mb * 1_000_000, settings.prompts.kept_days * 86_400.0)


def queue_policies(settings: Settings) -> dict[str, QueuePolicy]:
    """What the Centre must know of each queue."""
    return {
        name: QueuePolicy(
            category=queue.category,
            short_abandon_sec=queue.short_abandon_sec,
            record=queue.record,
            prefers_last_agent=queue.prefer == "last_agent",
            call_back=CallBackPolicy(**queue.call_back.model_dump()) if queue.call_back else None,
            resume_within_sec=queue.resume_within_sec,
            live_transcript=queue.live_transcript,
        )
        for name, queue in settings.queues.items()
    }


def numbering(settings: Settings) -> Numbering:
    """How callers' numbers are shown. A trunk has the prefixes of the centre as long as it names no country
    of its own."""
    usual = settings.numbering

    def plan(own: NumberingSection) -> NumberingPlan:
        base = NumberingSection() if own.country else usual
        return NumberingPlan(
            own.country or base.country or "",
            own.international_prefix or base.international_prefix or "",
            own.national_prefix or base.national_prefix or "",
        )

    trunks = {name: plan(trunk.numbering) for name, trunk in settings.trunks.items() if trunk.numbering}
    return Numbering(plan(usual), trunks)


def reconfigured(settings: Settings) -> Reconfigured:
    """What of the settings can be put in force while the centre is at work."""
    return Reconfigured(
        version(settings),
        acd_config(settings),
        queue_policies(settings),
        waiting_policy(settings),
        frozenset(settings.dispositions),
        dial_out_policy(settings),
    )


def number_routes(
    settings: Settings, known: Mapping[str, Flow]
) -> tuple[dict[str, NumberRoute], NumberRoute]:
    """Where each number leads, and all others. Raises Mistakes when one leads to no flow."""
    if wrong := numbers_without_flow(settings, known):
        raise Mistakes(wrong)

    def route(number: NumberSection) -> NumberRoute:
        renamed = {name: settings.calendars[other] for name, other in number.calendars.items()}
        given = {name: os.environ.get(variable, "") for name, variable in number.secrets.items()}
        return NumberRoute(number.flow, number.language, {**settings.calendars, **renamed}, given)

    return {did: route(number) for did, number in settings.numbers.items()}, route(settings.any_number)


def centre_config(
    settings: Settings,
    known: Mapping[str, Flow],
    audio: Callable[[PromptText], str | None],
    places: Places,
    seal: Seal | None = None,
    beeps: str | None = None,
    caller_lists: CallerLists | None = None,
) -> CentreConfig:
    """The Centre's part. Raises Mistakes when a number leads to no flow."""
    numbers, any_number = number_routes(settings, known)
    outgoing = outgoing_trunks(settings)
    return CentreConfig(
        version=version(settings),
        acd=acd_config(settings),
        flows=known,
        numbers=numbers,
        any_number=any_number,
        queues=queue_policies(settings),
        waiting=waiting_policy(settings),
        audio=audio,
        recordings_dir=str(places.recordings.resolve()),
        outbound_trunk=outgoing[0] if outgoing else None,
        centres={
            name: OtherCentre(centre.number, centre.trunk, centre.header)
            for name, centre in settings.centres.items()
        },
        dispositions=frozenset(settings.dispositions),
        dial_out=dial_out_policy(settings),
        seal=seal,
        beeps=beeps,
        prompt_wait_ms=round(settings.prompts.wait_sec * 1000),
        caller_lists=caller_lists or CallerLists(),
        numbering=numbering(settings),
        agent_back_within_ms=settings.softphones.back_within_sec * 1000,
    )


def ice_servers(settings: Settings) -> tuple[IceServer, ...]:
    """What helps softphones through address translation."""
    return tuple(
        IceServer(
            urls=server.urls,
            username=server.username,
            credential=os.environ.get(server.credential_env, "") if server.credential_env else "",
        )
        for server in settings.softphones.ice_servers
    )


def dial_out_policy(settings: Settings) -> DialOutPolicy | None:
    """Who may make calls, and how."""
    section = settings.dial_out
    if section is None:
        return None
    agents = frozenset(agent_id for agent_id, agent in settings.agents.items() if agent.dials_out)
    return DialOutPolicy(section.queue, section.shown, agents, section.trunk)


def outgoing_trunks(settings: Settings) -> list[str]:
    """The trunks over which calls can be made, in the order of the settings."""
    return [name for name, trunk in settings.trunks.items() if trunk.peer or trunk.registration]


def kpi_policy(settings: Settings) -> KpiPolicy:
    """What the figures are measured by."""
    thresholds = {name: queue.answer_within_sec * 1000 for name, queue in settings.queues.items()}
    zone = next((calendar.time_zone for calendar in settings.calendars.values()), "Asia/Shanghai")
    return KpiPolicy({**thresholds, TOTAL: min(thresholds.values(), default=15_000)}, zone)


def kpi_policy_in_force(settings: Settings, at: int) -> KpiPolicyInForce:
    """The fact that the figures are measured by these settings from ``at`` on (ms since the epoch, UTC)."""
    policy = kpi_policy(settings)
    return KpiPolicyInForce(at, dict(policy.threshold_ms), policy.time_zone)


def switch_config(
    settings: Settings, secrets: Secrets, places: Places, *, modules: Path, data: Path, music: Path, run: Path
) -> SwitchConfig:
    """Asterisk's part. Raises SwitchConfigError; a registration whose password is not in the environment is
    a mistake too."""
    switch = places.switch.resolve()
    return SwitchConfig(
        ports=SwitchPorts(
            sip=settings.sip.port,
            http=settings.ports.asterisk_http,
            ami=settings.ports.asterisk_ami,
            ari=settings.ports.ari,
            rtp_first=settings.sip.rtp_first,
            rtp_last=settings.sip.rtp_last,
        ),
        directories=SwitchDirectories(
            configuration=switch / "etc",
            modules=modules,
            data=data,
            state=switch / "lib",
            run=run,
            log=switch / "log",
            spool=switch / "spool",
            music=music,
        ),
        ari_password=secrets.ari,
        ami_password=secrets.ami,
        trunks=tuple(_trunk(name, trunk) for name, trunk in settings.trunks.items()),
        phones=tuple(
            Phone(name, secrets.phones[name], phone.codecs, phone.behind_nat)
            for name, phone in settings.phones.items()
        ),
        sip_address=settings.sip.address,
        rtp_timeout_sec=settings.sip.rtp_timeout_sec,
        softphone_codecs=settings.softphones.codecs,
        softphone_timeout_sec=settings.softphones.silence_sec,
    )


def _trunk(name: str, trunk: TrunkSection) -> Trunk:
    if unset := _unset({f"trunks.{name}": trunk}, os.environ):
        raise Mistakes(unset)
    registration = None
    if (ours := trunk.registration) is not None:
        registration = Registration(ours.server, ours.user, os.environ[ours.secret_env])
    return Trunk(
        name=name,
        match=trunk.match,
        registration=registration,
        peer=trunk.peer,
        channel_limit=trunk.channel_limit,
        codecs=trunk.codecs,
        trusts_identity=trunk.trusts_identity,
    )
