"""A whole centre for the integration tests: real Asterisk, PostgreSQL and Valkey, started once per run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from callcenter.adapters.journal_segments import events_of_call
from callcenter.demo.centre_api import ApiRefused, CentreApi
from callcenter.domain import events as e
from callcenter.phones import AnswerAction, AnswerPolicy, Phone, PhoneCall
from callcenter.places import Places
from callcenter.services import DATABASE_VARIABLE, VALKEY_VARIABLE
from callcenter.web.wire import AgentAction
from ivr_flows.files import SHIPPED_FLOWS
from located_yaml import Edit, Put, edited

ROOT = Path(__file__).parents[2]
UP_WITHIN_S = 60.0
CALLER_ADDRESS = "127.0.0.2"
WIDEBAND_ADDRESS = "127.0.0.3"
STUDIO_CODE = "471108"
"""Opens the prompt studio at 12349, where the fixture sets it."""

OVERLAY = """
centre: {{data_dir: {data}, installed_dir: {installed}, flows_dir: {flows}}}
sip: {{port: {sip}, rtp_first: {rtp_first}, rtp_last: {rtp_last}, rtp_timeout_sec: 15}}
ports: {{asterisk_http: {http}, asterisk_ami: {ami}, ari: {ari}}}
web: {{port: {web}}}
calendars:
  hotline: {{weekly: {{mon-fri: ['00:00-24:00'], sat-sun: ['00:00-24:00']}}, holidays: []}}
  night: {{weekly: {{}}, holidays: []}}
agents:
  '1001': {{skills: {{mandarin: 9, complaints: 5}}, queues: [], dials_out: true}}
  '1002': {{skills: {{mandarin: 8, complaints: 8}}, queues: []}}
dial_out: {{queue: general, shown: '12345'}}
trunks: {{city: {{peer: '{caller_address}:{peer}'}}}}
centres: {{province: {{number: '77', trunk: city}}}}
numbers:
  '12390': {{flow: citizen_hotline, language: zh, calendars: {{hotline: night}}}}
  '12349': {{flow: prompt_studio, secrets: {{studio_code: CALLCENTER_STUDIO_CODE}}}}
  '12399': {{flow: asking, language: zh}}
queues:
  general: {{ring_timeout_sec: 3, wrap_up_sec: 1, retry_delay_sec: 30, short_abandon_sec: 1}}
  complaints: {{ring_timeout_sec: 3, wrap_up_sec: 1, retry_delay_sec: 30, short_abandon_sec: 1}}
  korean: {{ring_timeout_sec: 3, wrap_up_sec: 1}}
waiting: {{first_after_sec: 60}}
softphones: {{silence_sec: 5, back_within_sec: 8}}
speech: {{engines: {{zh: none, en: none}}}}
look_ups:
  citizen:
    url: 'http://127.0.0.1:{outside}/citizens/{{number}}'
    secret_headers: {{Authorization: CRM_TOKEN}}
    timeout_ms: 1000
    results: {{vip: data.vip, area: data.area}}
webhooks:
  crm: {{url: 'http://127.0.0.1:{outside}/hook', sign_with: CRM_KEY, timeout_ms: 1000, give_up_after_sec: 60}}
"""
SECRETS = {
    "CRM_TOKEN": "s3cret",
    "CRM_KEY": "whsec_c2lnbmVkIGJ5IHRoZSBjZW50cmU=",
    "CALLCENTER_STUDIO_CODE": STUDIO_CODE,
}
OWN_FLOWS = Path(__file__).parent / "flows"
"""Beside the shipped ones."""


def lasting_port(address: str, kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """A port of this address that nobody uses, and that nobody is given who asks for any free one."""
    for port in random.sample(range(24_000, 32_000), 1000):
        with socket.socket(socket.AF_INET, kind) as tried, contextlib.suppress(OSError):
            tried.bind((address, port))
            return port
    raise RuntimeError(f"no free port at {address}")


def free_ports(count: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> list[int]:
    """Ports that nobody uses at this moment."""
    sockets = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


@dataclass(frozen=True, slots=True)
class CentreRig:
    """A running centre: where it is, what it writes, and how to hurt it. Callers whom it dials are rung at
    ``peer_port`` of CALLER_ADDRESS; the other system that its flows ask is expected at ``outside_port`` of
    127.0.0.1."""

    places: Places
    sip_port: int
    web_port: int
    peer_port: int
    outside_port: int
    passwords: dict[str, str]
    admin: str

    @property
    def overlay(self) -> Path:
        """The settings of this centre that differ from those of ``config``."""
        return self.places.data_dir.parent / "overlay.yaml"

    @property
    def config(self) -> Path:
        """Its copy of the shipped settings."""
        return self.places.data_dir.parent / "config"

    @property
    def registrar(self) -> str:
        """Where phones register."""
        return f"127.0.0.1:{self.sip_port}"

    def uri(self, did: str) -> str:
        """What a caller dials."""
        return f"sip:{did}@{self.registrar}"

    def events(self) -> list[e.DomainEvent]:
        """Everything journaled so far that the local journal still holds."""
        found: list[e.DomainEvent] = []
        for path in sorted(self.places.journal.glob("journal-*.jsonl")):
            raw = path.read_bytes()
            found += _decoded(raw[: raw.rfind(b"\n") + 1])
        return found

    def life(self, call_id: str) -> list[e.DomainEvent]:
        """What happened to one call."""
        return events_of_call(self.places.journal, call_id)

    def call_of(self, caller: str) -> str:
        """The id of the newest call of this caller."""
        arrived = [event for event in self.events() if isinstance(event, e.CallArrived)]
        return next(event.call_id for event in reversed(arrived) if event.caller == caller)

    async def newcomer(self, caller: str, besides: Sequence[str] = (), within: float = 10.0) -> str:
        """The id of the call of this caller, who has just come (``besides``: of earlier calls): a phone knows
        that it is answered before the journal does."""
        async with asyncio.timeout(within):
            while True:
                with contextlib.suppress(StopIteration):
                    if (call_id := self.call_of(caller)) not in besides:
                        return call_id
                await asyncio.sleep(0.05)

    def pid(self, service: str) -> int:
        """The process of one service."""
        pattern = {"asterisk": "asterisk.supervised"}.get(service, f"{service}.pid")
        for directory in (self.places.run, *self.places.run.glob("*")):
            if (path := directory / pattern).is_file():
                return int(path.read_text().split()[0])
        raise FileNotFoundError(pattern)

    @property
    def database_url(self) -> str:
        """The centre's own PostgreSQL, as its controller was told."""
        return self._told_controller(DATABASE_VARIABLE)

    @property
    def valkey_url(self) -> str:
        """The centre's own Valkey, as its controller was told."""
        return self._told_controller(VALKEY_VARIABLE)

    def _told_controller(self, variable: str) -> str:
        environment = Path(f"/proc/{self.pid('controller')}/environ").read_bytes().decode().split("\0")
        return next(
            line.removeprefix(f"{variable}=") for line in environment if line.startswith(f"{variable}=")
        )

    async def until(
        self, call_id: str, done: Callable[[list[e.DomainEvent]], bool], within: float = 60.0
    ) -> list[e.DomainEvent]:
        """Wait until the call's life satisfies ``done``; returns it."""
        give_up_at = time.monotonic() + within
        while not done(life := self.life(call_id)):
            assert time.monotonic() < give_up_at, "\n".join(map(str, life))
            await asyncio.sleep(0.05)
        return life

    async def happened(self, call_id: str, *kinds: type, within: float = 60.0) -> list[e.DomainEvent]:
        """Wait until the call's life has an event of every kind."""
        return await self.until(call_id, lambda life: set(kinds) <= {type(event) for event in life}, within)


def _decoded(raw: bytes) -> Iterator[e.DomainEvent]:
    from callcenter.domain.codec import decode_line

    for line in raw.splitlines():
        if not line.startswith(b'{"snapshot"'):
            yield decode_line(line)[1]


@contextmanager
def changed_settings(centre: CentreRig, *changes: tuple[str, str]) -> Iterator[str]:
    """The centre with each first text of its overlay replaced by the second, put in force by `callcenter
    reload`; its own settings again afterwards. Yields what the command says."""
    own = changed = centre.overlay.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in changed
        changed = changed.replace(old, new)
    try:
        centre.overlay.write_text(changed, encoding="utf-8")
        yield callcenter(centre, "reload")
    finally:
        centre.overlay.write_text(own, encoding="utf-8")
        callcenter(centre, "reload")


def callcenter(centre: CentreRig, *arguments: str) -> str:
    """What `callcenter` says when it is asked this about the centre."""
    command = [
        "-m",
        "callcenter",
        "--config",
        str(centre.config),
        "--overlay",
        str(centre.overlay),
        *arguments,
    ]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def hotline_file(centre: CentreRig) -> Path:
    """The hotline's flow, in a centre with flows of its own."""
    return centre.places.data_dir.parent / "flows" / "citizen_hotline.yaml"


def change_hotline(centre: CentreRig, mark: int) -> None:
    """Another version of the shipped hotline: another time-out, and a comment."""
    path = hotline_file(centre)
    source = (SHIPPED_FLOWS / path.name).read_text(encoding="utf-8")
    edits = [Put(("nodes", "main_menu", "timeout_sec"), 10 + mark)]
    path.write_text(f"# version {mark}\n{edited(source, path.name, edits)}", encoding="utf-8")


def with_own_prompts(directory: Path, installed: Path) -> Path:
    """What is installed, in a directory whose prompts no other centre plays: a test takes them away."""
    directory.mkdir()
    for one in installed.iterdir():
        if one.name == Places(directory).prompts.name:
            shutil.copytree(one, directory / one.name)
        else:
            (directory / one.name).symlink_to(one.resolve())
    return directory


@contextmanager
def running_centre(directory: Path, installed: Path, settings: Sequence[Edit] = ()) -> Iterator[CentreRig]:
    """A centre in a process of its own, as `callcenter run` starts it, with these ``settings`` besides;
    stopped at the end."""
    (sip,) = free_ports(1, socket.SOCK_DGRAM)
    http, ami, ari, web = free_ports(4)
    peer = lasting_port(CALLER_ADDRESS)
    outside = lasting_port("127.0.0.1", socket.SOCK_STREAM)
    overlay, config = directory / "overlay.yaml", directory / "config"
    shutil.copytree(ROOT / "config", config)
    data, flows = directory / "var", directory / "flows"
    for origin in (SHIPPED_FLOWS, OWN_FLOWS):
        shutil.copytree(origin, flows, dirs_exist_ok=True)
    usual = OVERLAY.format(
        data=data, installed=installed, sip=sip, http=http, ami=ami, ari=ari, web=web,
        rtp_first=14000, rtp_last=15999, caller_address=CALLER_ADDRESS, peer=peer,
        flows=flows, outside=outside,
    )  # fmt: skip
    overlay.write_text(edited(usual, overlay.name, settings), encoding="utf-8")
    log = (directory / "run.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "callcenter", "--config", str(config), "--overlay", str(overlay), "run"],
        cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **SECRETS, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        _wait_until_up(process, directory / "run.log", Places(data, installed))
        secrets = orjson.loads((data / "secrets.json").read_bytes())
        ports = sip, web, peer, outside
        yield CentreRig(Places(data, installed), *ports, secrets["phones"], secrets["admin"])
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        log.close()


def _wait_until_up(process: subprocess.Popen[bytes], log: Path, places: Places) -> None:
    """Calls are taken before recognition has read its model; tests of it count on it."""
    began = time.monotonic()

    def up(told: bytes) -> bool:
        models = [one.decode() for one in re.findall(rb"speech-(\S+) +ready", told)]
        return b"The centre is up" in told and all(places.speech_socket(one).exists() for one in models)

    while not up(log.read_bytes()):
        if process.poll() is not None or time.monotonic() - began > UP_WITHIN_S:
            raise RuntimeError(f"the centre did not come up:\n{log.read_text()}")
        time.sleep(0.1)


class Desk:
    """An agent at a phone, logged in and ready; the calls come out of ``next_call``."""

    def __init__(self, agent_id: str, phone: Phone, api: CentreApi) -> None:
        self.agent_id = agent_id
        self.phone = phone
        self.api = api

    async def next_call(self, timeout_sec: float = 15.0) -> PhoneCall:
        """The next call that rings here."""
        return await self.phone.next_call(timeout_sec=timeout_sec)

    async def ask(self, action: AgentAction, call_id: str, **asked: str) -> None:
        """Call control through the API, of a call that the centre has already connected.

        The phone knows that it answered before the centre does: a desk offers these actions only
        when the centre says so, and a test waits for ``AgentConnected`` likewise.
        """
        await self.api.agent(self.agent_id, action, {"call_id": call_id, **asked})


@asynccontextmanager
async def desks(
    centre: CentreRig, *agents: str, answer: AnswerAction = AnswerAction.ANSWER, after_ms: int = 100
) -> AsyncIterator[list[Desk]]:
    """These agents at phones 2001, 2002, ..., ready; logged out at the end."""
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(CentreApi(f"http://127.0.0.1:{centre.web_port}"))
        await api.log_in("admin", centre.admin)
        manned = []
        for index, agent_id in enumerate(agents):
            name = f"200{index + 1}"
            phone = await stack.enter_async_context(Phone.start(codecs=("G722", "PCMU")))
            await phone.register(name, centre.passwords[name], centre.registrar)
            await phone.set_answer_policy(AnswerPolicy(answer, after_ms=after_ms))
            await api.agent(agent_id, AgentAction.LOGIN, {"phone": name})
            stack.push_async_callback(_log_out, api, agent_id)
            await _ready(api, agent_id)
            manned.append(Desk(agent_id, phone, api))
        yield manned


async def _ready(api: CentreApi, agent_id: str) -> None:
    async with asyncio.timeout(15):
        while True:
            try:
                await api.agent(agent_id, AgentAction.READY)
            except ApiRefused as refused:  # the switch may need a moment to see a new phone
                if refused.status != 409:
                    raise
                await asyncio.sleep(0.1)
            else:
                return


async def _log_out(api: CentreApi, agent_id: str) -> None:
    await api.agent(agent_id, AgentAction.LOGOUT)


async def to_queue(call: PhoneCall) -> None:
    """Press through the hotline's menu to a human: 0, then a key that skips the notice."""
    await call.confirmed()
    await call.dtmf("0")
    await asyncio.sleep(0.4)
    await call.dtmf("#")
