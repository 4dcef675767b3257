"""pyVoIP 1.6.8's phone with the defects mended that a call centre meets daily.

CANCEL: pyVoIP goes on ringing. A refusal of our INVITE other than 404 and 503: it waits for ever. The ACK of
an answer: it invents the To tag, so the other side repeats its answer and gives the call up after 32 s.
"""

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
        if not registered:
            sip.register = lambda: True

    def callback(self, request: Any) -> None:
        """Also end a ringing call whose CANCEL arrives."""
        super().callback(request)
        if request.type is SIP.SIPMessageType.MESSAGE and request.method == "CANCEL":
            call = self.calls.get(request.headers["Call-ID"])
            if call is not None and call.state is CallState.RINGING:
                terminated = self.sip.gen_busy(call.request).replace(
                    "486 Busy Here", "487 Request Terminated", 1
                )
                self.sip.out.sendto(terminated.encode(), (self.server, self.port))
                self.refused[call.call_id] = (487, "Request Terminated")
                call.state = CallState.ENDED

    def _parse_also_refusals(self, message: Any) -> None:
        status = int(message.status) if message.type is SIP.SIPMessageType.RESPONSE else 0
        if status < 400 or status in (401, 404, 407, 503):  # the others pyVoIP drops on the floor
            self._parse(message)
            return
        call = self.calls.get(message.headers["Call-ID"])
        if call is not None and call.state is CallState.DIALING:
            self.refused[call.call_id] = (status, message.status.phrase)
            ack = self.sip.gen_ack(message)
            self.sip.out.sendto(ack.encode(), (self.server, self.port))
            call.state = CallState.ENDED

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
