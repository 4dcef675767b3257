"""pyVoIP 1.6.8's phone with the defects mended that a call centre meets daily.

CANCEL: pyVoIP goes on ringing. A refusal of our INVITE other than 404 and 503: it waits for ever. The ACK of
an answer: it invents the To tag, so the other side repeats its answer and gives the call up after 32 s. The
INVITE: it waits on the bare socket for a provisional answer and stops for ever if something else arrives. The
Call-ID: it is a hash of a counter, so the first call of a restarted phone looks like a repetition.
"""

import secrets
from typing import Any

from pyVoIP.VoIP.VoIP import SIP, CallState, VoIPPhone  # type: ignore[attr-defined]  # not re-exported


class CuredPhone(VoIPPhone):
    """pyVoIP's phone, mended. `refused` maps the Call-ID of a call that came to nothing to why."""

    def __init__(self, registered: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refused: dict[str, tuple[int, str]] = {}
        sip: Any = self.sip
        self._parse = sip.parse_message
        sip.parse_message = self._parse_also_refusals
        sip.gen_ack = self._ack
        sip.invite = self._invite
        sip.callID = SIP.Counter(secrets.randbits(48))
        if not registered:
            sip.register = lambda: True

    def callback(self, request: Any) -> None:
        """Also end a ringing call whose CANCEL arrives."""
        super().callback(request)
        if request.type is SIP.SIPMessageType.MESSAGE and request.method == "CANCEL":
            call = self.calls.get(request.headers["Call-ID"])
            if call is not None and call.state is CallState.RINGING:
                self.refuse(call, 487, "Request Terminated")

    def refuse(self, call: Any, status: int, reason: str) -> None:
        """End a ringing call with a final status; pyVoIP's own deny() stops RTP that never started."""
        busy = self.sip.gen_busy(call.request)
        refusal = busy.replace("486 Busy Here", f"{status} {reason}", 1)
        self.sip.out.sendto(refusal.encode(), (self.server, self.port))
        self.refused[call.call_id] = (status, reason)
        call.state = CallState.ENDED
        self.calls.pop(call.call_id, None)

    def _parse_also_refusals(self, message: Any) -> None:
        status = int(message.status) if message.type is SIP.SIPMessageType.RESPONSE else 0
        if status < 400 or message.headers["CSeq"]["method"] != "INVITE":
            self._parse(message)
            return
        call = self.calls.get(message.headers["Call-ID"])
        if call is not None and call.state is CallState.DIALING:
            self.refused[call.call_id] = (status, message.status.phrase)
            ack = self.sip.gen_ack(message)
            self.sip.out.sendto(ack.encode(), (self.server, self.port))
            call.state = CallState.ENDED

    def _invite(self, number: str, media: Any, send_type: Any) -> tuple[Any, str, int]:
        """Send and return; the receiving thread handles all answers. No answer to a 401: it is a refusal."""
        sip = self.sip
        call_id, session = sip.gen_call_id(), sip.sessID.next()
        branch = f"z9hG4bK{call_id[:25]}"
        invite = sip.gen_invite(number, str(session), media, send_type, branch, call_id).encode()
        sip.out.sendto(invite, (self.server, self.port))
        return SIP.SIPMessage(invite), call_id, session

    def _ack(self, response: Any) -> str:
        """The ACK with the To of the response (RFC 3261 13.2.2.4 and 17.1.1.3)."""
        sip, headers = self.sip, response.headers
        tag = sip.tagLibrary[headers["Call-ID"]]
        target = str(headers["To"]["raw"]).strip("<").strip(">")
        lines = [
            f"ACK {target} SIP/2.0",
            sip._gen_response_via_header(response).rstrip(),
            "Max-Forwards: 70",
            f"To: {headers['To']['raw']};tag={headers['To']['tag']}",
            f"From: {headers['From']['raw']};tag={tag}",
            f"Call-ID: {headers['Call-ID']}",
            f"CSeq: {headers['CSeq']['check']} ACK",
            "Content-Length: 0",
        ]
        return "\r\n".join(lines) + "\r\n\r\n"
