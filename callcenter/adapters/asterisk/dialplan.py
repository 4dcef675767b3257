"""The dialplan: how a call reaches the controller, and what it says about its caller.

A caller is answered and hears music before Stasis, so that he who arrives while the controller is away hears
music instead of silence (the outbound websocket queues his StasisStart until the controller is back).
"""

from callcenter.adapters.asterisk.config import SwitchConfig, Trunk
from callcenter.domain.softphones import ECHO

CALLER_VARIABLES = ("CC_PAI", "CC_DIVERSION", "CC_HISTORY", "CC_FORMATS")
"""Channel variables set here and read by `decode`: the raw identity headers and the negotiated formats."""
LEG_VARIABLE = "CC_LEG"
"""The channel variable that holds, as one JSON object, all variables that the controller keeps with a leg."""

DID_CHARACTERS = "0-9A-Za-z+*#_."
NOTHING_AT_THE_END = "exten = h,1,Hangup()"
"""Else every call that ends goes through what stands for any extension once more, and who was refused is so
twice."""
FIRST_ANY = "_[+*#0-9A-Za-z]!"
"""Every extension. Brackets, because a bare letter of a pattern such as `n` has a meaning of its own."""
CONGESTED = 34
"""Q.850 "no circuit available", which a SIP caller sees as 503 Service Unavailable."""


def trunk_context(trunk: str) -> str:
    """The dialplan context in which calls of this trunk arrive."""
    return f"trunk-{trunk}"


def refused_variables(trunk: str) -> tuple[str, str]:
    """The global variables that say how many calls of this trunk were refused because it was full, since the
    switch was started, and when the last one was (seconds since the epoch)."""
    return f"CC_FULL_{trunk}", f"CC_FULL_AT_{trunk}"


PHONE_CONTEXT = "phones"
ECHO_SEC = 15


def extensions_conf(config: SwitchConfig) -> str:
    """The whole extensions.conf."""
    lines = ["[general]", "static = yes", "writeprotect = yes", "autofallthrough = yes"]
    for trunk in config.trunks:
        lines += ["", *_trunk_lines(trunk, config.app)]
    lines += ["", *_phone_lines(config.app), "", *_identity_lines(), *config.extra_dialplan]
    return "\n".join(lines) + "\n"


def _trunk_lines(trunk: Trunk, app: str) -> list[str]:
    steps = [f"Set(GROUP(trunk)={trunk.name})"]
    steps += [f"GotoIf($[${{GROUP_COUNT({trunk.name}@trunk)}} > {trunk.channel_limit}]?full)"]
    if trunk.trusts_identity:
        steps += [f"Set(CC_HEADERS={_HEADER_NAMES})", f"GosubIf($[{_NAMES_IDENTITY}]?identity,s,1)"]
    steps += [
        # i: the caller's first audio is not waited for, which would take half a second when there is none.
        "Answer(,i)",
        "StartMusicOnHold(default)",
        "Set(CC_FORMATS=${CHANNEL(audionativeformat)})",
        f"Stasis({app},trunk,{trunk.name},${{FILTER({DID_CHARACTERS},${{EXTEN}})}})",
        "Hangup()",
    ]
    count, last = refused_variables(trunk.name)
    refusals = [
        f"Set(CC_ONE=${{LOCK({count})}})",  # of two at once none is lost; the lock goes with the call
        f"Set(GLOBAL({count})=$[0${{GLOBAL({count})}} + 1])",
        f"Set(GLOBAL({last})=${{EPOCH}})",
        f"Hangup({CONGESTED})",
    ]
    return [
        f"[{trunk_context(trunk.name)}]",
        *_extension(FIRST_ANY, steps),
        f" same = n(full),{refusals[0]}",
        *(f" same = n,{step}" for step in refusals[1:]),
        NOTHING_AT_THE_END,
    ]


def _phone_lines(app: str) -> list[str]:
    steps = [
        "Set(PJSIP_TRANSFER_HANDLING()=ari-only)",  # as for the phones that we ring
        "Answer()",
        f"Stasis({app},phone,${{CHANNEL(endpoint)}},${{FILTER({DID_CHARACTERS},${{EXTEN}})}})",
        "Hangup()",
    ]
    echo = [f"Set(TIMEOUT(absolute)={ECHO_SEC})", "Answer()", "Echo()", "Hangup()"]
    return [f"[{PHONE_CONTEXT}]", *_extension(ECHO, echo), *_extension(FIRST_ANY, steps)]


_HEADER_NAMES = "${TOLOWER(${PJSIP_HEADERS()})}"
_NAMES_IDENTITY = (
    # No name at all: they were too long to be listed.
    '${LEN(${CC_HEADERS})} = 0 | ${REGEX("p-asserted-identity|diversion|history-info" ${CC_HEADERS})}'
)


def _identity_lines() -> list[str]:
    """Read the headers, of a call that has some: each reading costs a thread change, as listing all does."""
    steps = ["Set(CC_PAI=${PJSIP_HEADER(read,P-Asserted-Identity,1)})"]
    for variable, header in (("CC_DIVERSION", "Diversion"), ("CC_HISTORY", "History-Info")):
        second = f"{variable}=${{{variable}}},${{PJSIP_HEADER(read,{header},2)}}"
        steps += [
            f"Set({variable}=${{PJSIP_HEADER(read,{header},1)}})",
            f"ExecIf($[${{LEN(${{{variable}}})}} > 0]?Set({second}))",
        ]
    return ["[identity]", *_extension("s", [*steps, "Return()"])]


def _extension(pattern: str, steps: list[str]) -> list[str]:
    first, *others = steps
    return [f"exten = {pattern},1,{first}", *(f" same = n,{step}" for step in others)]
