"""Sensitive digits that must survive a restart, and that nobody may read who reads the journal.

A session keeps sensitive values in its memory only, in a slot without a representation, so that no trace, log
or error shows them. In a checkpoint (which is journaled, shipped and shown) they stand sealed: only who has
the installation's key can open them. Without a key they are left out, and are lost by a restart.

The seal is deterministic, as a replay of the same call must give the same journal: the synthetic-IV scheme
(one HMAC-SHA256 of purpose and text is both nonce and proof, a second one makes the key stream). Equal values
seal equally only for the same ``purpose`` (call and variable), so that seals of different calls tell nothing.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from typing import Final

_MARK: Final = "sealed1:"
_TAG_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Seal:
    """The key of an installation, at least 16 bytes. Its representation does not show it."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < 16:
            raise ValueError("the key of a seal has at least 16 bytes")

    def sealed(self, text: str, purpose: str) -> str:
        """The text as nobody without the key can read it; ASCII."""
        plain = text.encode("utf-8", "surrogatepass")
        tag = self._tag(plain, purpose)
        return _MARK + base64.urlsafe_b64encode(tag + self._mixed(plain, tag)).decode("ascii")

    def opened(self, sealed: str, purpose: str) -> str | None:
        """The text; None when it was sealed with another key or for another purpose, or was changed."""
        if not sealed.startswith(_MARK):
            return None
        try:
            joined = base64.b64decode(sealed.removeprefix(_MARK), altchars=b"-_", validate=True)
            tag, mixed = joined[:_TAG_BYTES], joined[_TAG_BYTES:]
            plain = self._mixed(mixed, tag)
            if not hmac.compare_digest(tag, self._tag(plain, purpose)):
                return None
            return plain.decode("utf-8", "surrogatepass")
        except (binascii.Error, ValueError):
            return None

    def _tag(self, plain: bytes, purpose: str) -> bytes:
        told = purpose.encode("utf-8", "surrogatepass")
        message = b"tag" + len(told).to_bytes(4, "big") + told + plain
        return hmac.digest(self.key, message, "sha256")[:_TAG_BYTES]

    def _mixed(self, text: bytes, tag: bytes) -> bytes:
        stream = b"".join(
            hmac.digest(self.key, b"stream" + tag + block.to_bytes(4, "big"), "sha256")
            for block in range(len(text) // 32 + 1)
        )
        return bytes(one ^ other for one, other in zip(text, stream, strict=False))
