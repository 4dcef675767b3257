"""What each part of the centre is set to, out of the settings."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from acd.config_check import check as check_acd
from acd.model import (
    AcdConfig,
    AgentConfig,
    OverflowKind,
    OverflowReason,
    OverflowTarget,
    QueueConfig,
    SkillRequirement,
)
from callcenter.adapters.asterisk.config import (
    Phone,
    Registration,
    SwitchConfig,
    SwitchDirectories,
    SwitchPorts,
    Trunk,
)
from callcenter.controller.floor import CentreConfig, NumberRoute, QueuePolicy
from callcenter.domain.kpi import TOTAL, KpiPolicy
from callcenter.domain.waiting_room import WaitingPolicy
from callcenter.places import Places
from callcenter.secrets import Secrets
from callcenter.settings.model import NumberSection, Settings, TrunkSection
from ivr_flows.check import prompts_of, surroundings_mistakes
from ivr_flows.effects import PromptText
from ivr_flows.files import read_flows
from ivr_flows.model import Flow
from located_yaml import Mistake, Mistakes


def version(settings: Settings) -> str:
    """The name of this configuration: equal settings have equal names."""
    return hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:12]


def flows(settings: Settings) -> dict[str, Flow]:
    """The centre's flows. Raises Mistakes with all that is wrong in them, or between them and the
    settings."""
    directory = settings.centre.flows_dir
    if directory is not None and not directory.is_dir():
        raise Mistakes([Mistake("config", 1, 1, (), f"centre.flows_dir: there is no directory {directory}")])
    known = read_flows(directory)
    wrong = [
        mistake
        for flow in known.values()
        for mistake in surroundings_mistakes(flow, settings.queues, settings.calendars)
    ]
    if wrong:
        raise Mistakes(wrong)
    return known


def acd_config(settings: Settings) -> AcdConfig:
    """The Router's part. Raises Mistakes for what only the Router can judge (an unknown strategy)."""
    config = AcdConfig(
        version=version(settings),
        queues={
            name: QueueConfig(
                name=name,
                requirements=tuple(
                    SkillRequirement(skill, level) for skill, level in sorted(queue.skills.items())
                ),
                strategy=queue.strategy,
                priority=queue.priority,
                ageing_sec_per_priority=queue.ageing_sec_per_priority,
                ring_timeout_sec=queue.ring_timeout_sec,
                wrap_up_sec=queue.wrap_up_sec,
                retry_delay_sec=queue.retry_delay_sec,
                max_wait_sec=queue.max_wait_sec,
                max_waiting=queue.max_waiting,
                unanswered_limit=queue.unanswered_limit,
                overflow={
                    reason: OverflowTarget(target.to, target.queue or _branch(target.to, reason))
                    for reason, target in queue.overflow.items()
                },
            )
            for name, queue in settings.queues.items()
        },
        agents={
            agent_id: AgentConfig(agent_id, dict(agent.skills), agent.queues)
            for agent_id, agent in settings.agents.items()
        },
    )
    if wrong := check_acd(config):
        raise Mistakes(Mistake("config", 1, 1, (), f"{found.path}: {found.message}") for found in wrong)
    return config


def _branch(kind: OverflowKind, reason: OverflowReason) -> str:
    """A call that overflows to its flow goes on by the branch of its queue node named after the reason."""
    return reason.value if kind is OverflowKind.FLOW else ""


def waiting_policy(settings: Settings) -> WaitingPolicy:
    """What waiting callers hear."""
    waiting = settings.waiting
    return WaitingPolicy(
        waiting.first_after_sec, waiting.every_sec, waiting.announce_position, dict(waiting.comfort)
    )


def all_prompts(settings: Settings, known: Mapping[str, Flow]) -> tuple[PromptText, ...]:
    """Every text that a caller can hear."""
    texts = [prompt for flow in known.values() for prompt in prompts_of(flow)]
    return tuple(dict.fromkeys([*texts, *waiting_policy(settings).prompts()]))


def centre_config(
    settings: Settings, known: Mapping[str, Flow], audio: Callable[[PromptText], str | None], places: Places
) -> CentreConfig:
    """The Centre's part. Raises Mistakes when a number leads to no flow."""
    wrong = [
        Mistake("config", 1, 1, (), f"numbers.{did}: no flow '{number.flow}'; there are: {', '.join(known)}")
        for did, number in {**settings.numbers, "any_number": settings.any_number}.items()
        if number.flow not in known
    ]
    if wrong:
        raise Mistakes(wrong)

    def route(number: NumberSection) -> NumberRoute:
        renamed = {name: settings.calendars[other] for name, other in number.calendars.items()}
        return NumberRoute(number.flow, number.language, {**settings.calendars, **renamed})

    outgoing = [name for name, trunk in settings.trunks.items() if trunk.peer or trunk.registration]
    return CentreConfig(
        version=version(settings),
        acd=acd_config(settings),
        flows=known,
        numbers={did: route(number) for did, number in settings.numbers.items()},
        any_number=route(settings.any_number),
        queues={
            name: QueuePolicy(queue.category, queue.short_abandon_sec, queue.record)
            for name, queue in settings.queues.items()
        },
        waiting=waiting_policy(settings),
        audio=audio,
        recordings_dir=str(places.recordings.resolve()),
        outbound_trunk=outgoing[0] if outgoing else None,
    )


def kpi_policy(settings: Settings) -> KpiPolicy:
    """What the figures are measured by."""
    thresholds = {name: queue.answer_within_sec * 1000 for name, queue in settings.queues.items()}
    zone = next((calendar.time_zone for calendar in settings.calendars.values()), "Asia/Shanghai")
    return KpiPolicy({**thresholds, TOTAL: min(thresholds.values(), default=15_000)}, zone)


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
    )


def _trunk(name: str, trunk: TrunkSection) -> Trunk:
    registration = None
    if trunk.registration is not None:
        secret = os.environ.get(trunk.registration.secret_env)
        if not secret:
            told = f"trunks.{name}: set the environment variable {trunk.registration.secret_env}"
            raise Mistakes([Mistake("config", 1, 1, (), told)])
        registration = Registration(trunk.registration.server, trunk.registration.user, secret)
    return Trunk(
        name=name,
        match=trunk.match,
        registration=registration,
        peer=trunk.peer,
        channel_limit=trunk.channel_limit,
        codecs=trunk.codecs,
        trusts_identity=trunk.trusts_identity,
    )
