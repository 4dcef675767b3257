"""A private Asterisk for the tests of the simulated phones, and the callers that misbehave against it."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from callcenter.embedded.asterisk_packages import find_asterisk, provision_asterisk
from callcenter.phones import RawCaller, RtpBehaviour
from callcenter.phones.audio import Tone, write_tones
from tests.integration.centre_rig import lasting_port

ROOT = Path(__file__).resolve().parents[2]
SIP = ("127.0.0.1", lasting_port("127.0.0.1"))
REGISTRAR = f"{SIP[0]}:{SIP[1]}"
PASSWORD = "phones-under-test"
USERS = ("1001", "1002", "1003", "1004")

MODULES = """
res_timing_timerfd res_rtp_multicast func_groupcount res_pjsip_pubsub res_sorcery_config
res_sorcery_memory res_sorcery_astdb res_pjproject res_rtp_asterisk res_musiconhold res_pjsip
res_pjsip_session res_pjsip_sdp_rtp res_pjsip_authenticator_digest
res_pjsip_outbound_authenticator_digest res_pjsip_endpoint_identifier_user
res_pjsip_endpoint_identifier_ip res_pjsip_registrar res_pjsip_caller_id res_pjsip_header_funcs
res_pjsip_rfc3326 res_pjsip_refer chan_pjsip bridge_simple bridge_native_rtp bridge_builtin_features
codec_ulaw codec_alaw codec_a_mu codec_g722 codec_resample format_pcm format_wav format_sln
pbx_config app_dial app_playback app_echo app_verbose app_stack app_read app_senddtmf
func_callerid func_channel func_strings func_logic func_hangupcause
"""

ENDPOINT = "type=endpoint\ndisallow=all\ndirect_media=no\nrtp_symmetric=yes\ndtmf_mode=rfc4733\n"

DIALPLAN = """
[trunk]
exten => echo,1,Answer()
 same => n,Echo()
exten => read,1,Answer()
 same => n,Read(DIGITS,,{most},t(X),1,3)
 same => n,SendDTMF(${{DIGITS}})
 same => n,Wait(5)
exten => tone,1,Answer()
 same => n,Playback({sounds}/tone)
 same => n,Wait(30)
exten => once,1,Answer()
 same => n,Wait(0.5)
 same => n,Hangup()
exten => _1XXX,1,Set(__PAI=${{PJSIP_HEADER(read,P-Asserted-Identity)}})
 same => n,Set(__DIVERSION=${{PJSIP_HEADER(read,Diversion)}})
 same => n,Set(__HISTORY=${{PJSIP_HEADER(read,History-Info)}})
 same => n,Set(__TRANSFER_CONTEXT=trunk)
 same => n,Dial(PJSIP/${{EXTEN}},4,b(tell^s^1))
 same => n,Hangup(${{HANGUPCAUSE}})
[tell]
exten => s,1,Set(PJSIP_HEADER(add,X-PAI)=${{PAI}})
 same => n,Set(PJSIP_HEADER(add,X-Diversion)=${{DIVERSION}})
 same => n,Set(PJSIP_HEADER(add,X-History)=${{HISTORY}})
 same => n,Return()
"""


@dataclass(frozen=True)
class Switch:
    """A running Asterisk: trunk callers come from 127.0.0.2 (PCMU) and 127.0.0.3 (G.722)."""

    command: tuple[str, ...]

    def cli(self, text: str) -> str:
        """What the Asterisk console answers to one command."""
        done = subprocess.run([*self.command, "-rx", text], capture_output=True, text=True, check=False)
        return done.stdout

    @property
    def channels(self) -> int:
        """How many channels are up."""
        return int(self.cli("core show channels count").split()[0])


def uri(extension: str) -> str:
    """Where a caller dials `extension`."""
    return f"sip:{extension}@{REGISTRAR}"


def _configuration(folder: Path, modules_dir: Path, data_dir: Path) -> None:
    sounds = folder / "sounds"
    sounds.mkdir()
    write_tones(sounds / "tone.wav", 8000, [Tone(700, 2000)])
    trunks = "".join(
        f"[{name}]\n{ENDPOINT}context=trunk\nallow={codecs}\n"
        f"[{name}-identify]\ntype=identify\nendpoint={name}\nmatch={address}\n"
        for name, codecs, address in (
            ("trunk", "ulaw,alaw", "127.0.0.2"),
            ("trunkwb", "g722", "127.0.0.3"),
        )
    )
    agents = "".join(
        f"[{user}]\n{ENDPOINT}context=trunk\nallow=g722,ulaw,alaw\nauth={user}\naors={user}\n"
        f"[{user}]\ntype=auth\nauth_type=userpass\nusername={user}\npassword={PASSWORD}\nnonce_lifetime=1\n"
        f"[{user}]\ntype=aor\nmax_contacts=1\nremove_existing=yes\n"
        for user in USERS
    )
    files = {
        "asterisk": "[directories](!)\n[directories]\n"
        + f"astmoddir => {modules_dir}\nastdatadir => {data_dir}\n"
        + "".join(
            f"{name} => {folder}\n"
            for name in ("astetcdir", "astvarlibdir", "astdbdir", "astkeydir", "astagidir", "astspooldir")
        )
        + f"astrundir => {folder}\nastlogdir => {folder}\n",
        "modules": "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in MODULES.split()),
        "logger": "[general]\n[logfiles]\nmessages => notice,warning,error\n",
        "rtp": "[general]\nrtpstart=21700\nrtpend=21999\nicesupport=no\n",
        "indications": "[general]\ncountry=us\n[us]\ndescription=US\nring=440+480/2000,0/4000\n",
        "pjsip": "[global]\ntype=global\nendpoint_identifier_order=username,ip\n"
        f"[udp]\ntype=transport\nprotocol=udp\nbind={REGISTRAR}\n" + trunks + agents,
        "extensions": DIALPLAN.format(sounds=sounds, most=20),
    }
    empty = "acl ccss cdr cel codecs dnsmgr features http manager musiconhold pjproject sorcery stasis udptl"
    for name in empty.split():
        files[name] = ""
    for name, text in files.items():
        (folder / f"{name}.conf").write_text(text)


@pytest.fixture(scope="module")
def switch() -> Iterator[Switch]:
    """An Asterisk of its own, down again after the module."""
    tree = ROOT / "var" / "asterisk"
    installation = find_asterisk(provisioned=tree) or asyncio.run(
        provision_asterisk(tree, mirror=None, progress=lambda stage, fraction: None)
    )
    folder = Path("/tmp") / f"phones-switch-{time.time_ns()}"  # short: the control socket's path is limited
    folder.mkdir()
    _configuration(folder, installation.modules_dir, installation.data_dir)
    running = Switch((*installation.command, "-C", str(folder / "asterisk.conf")))
    process = subprocess.Popen([*running.command, "-f"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while "fully booted" not in running.cli("core waitfullybooted"):
            assert process.poll() is None, (folder / "messages").read_text()
            assert time.monotonic() < deadline, "Asterisk did not boot within 20 s"
            time.sleep(0.1)
        yield running
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)


@pytest.mark.integration
async def test_garbage_on_the_media_path_neither_ends_the_call_nor_stops_its_audio(switch: Switch) -> None:
    """A caller who sends noise where RTP is expected still hears the switch, and can hang up."""
    async with RawCaller.call(SIP, "tone", rtp=RtpBehaviour.GARBAGE) as caller:
        assert await caller.answered() == 200
        await caller.heard(100)
        assert caller.sent_packets > 50
        assert switch.channels == 1
    await _no_channels(switch)


@pytest.mark.integration
async def test_a_caller_without_any_rtp_is_answered_and_leaves_nothing_behind(switch: Switch) -> None:
    """A caller who sends no RTP hears the switch, and the switch's hang-up reaches him."""
    async with RawCaller.call(SIP, "once", rtp=RtpBehaviour.NONE) as caller:
        assert await caller.answered() == 200
        await caller.ended(timeout_sec=5)
        assert caller.sent_packets == 0
    await _no_channels(switch)


async def _no_channels(switch: Switch) -> None:
    deadline = time.monotonic() + 5
    while await asyncio.to_thread(lambda: switch.channels):
        assert time.monotonic() < deadline, switch.cli("core show channels")
