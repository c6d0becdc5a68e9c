"""What can go wrong with a call to somebody else's server.

OutboundError                 code                permanent  meaning
├── Refused                                                  by us, before a byte was sent
│   ├── InvalidUrl            invalid_url         yes        not a URL that we call
│   ├── InvalidHeader         invalid_header      yes        not a header that we send for others
│   └── BlockedAddress        blocked_address     yes        leads to an address that is not public
├── HeldBack                                                 it is not called before `until`
│   ├── PauseAsked            held_back           no         as the host asked for
│   └── NoTurn                no_turn             no         others call it as often as it may be called
├── Unreachable                                              nobody answered
│   ├── NameNotFound          name_not_found      no         the name has no address (now)
│   ├── ConnectFailed         connect_failed      no         no checked address took the connection
│   ├── TlsFailed             tls_failed          no         certificate or handshake (people renew them)
│   └── TimedOut              timed_out           no         the deadline passed
└── BadReply                                                 somebody answered, badly
    ├── TooLarge              too_large           yes        more than was asked for; it will be again
    └── ProtocolError         protocol_error      no         broken framing, encoding or connection

An answer with any status, 3xx and 5xx included, is a Reply and no error: only the caller knows what it means.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar


class OutboundError(Exception):
    """A call that brought no reply. The customer may read its text: host and reason, never the path."""

    code: ClassVar[str]
    permanent: ClassVar[bool]  # True: the same call will fail again until somebody changes something


class Refused(OutboundError):
    permanent = True


class InvalidUrl(Refused):
    code = "invalid_url"


class InvalidHeader(Refused):
    code = "invalid_header"


class BlockedAddress(Refused):
    code = "blocked_address"


class HeldBack(OutboundError):
    """until: in the clock of those who call."""

    permanent = False

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class PauseAsked(HeldBack):
    code = "held_back"

    def __init__(self, host: str, until: datetime) -> None:
        super().__init__(f"{host} asked not to be called before {until:%Y-%m-%d %H:%M:%S} UTC.", until)


class NoTurn(HeldBack):
    code = "no_turn"

    def __init__(self, host: str, until: datetime) -> None:
        super().__init__(f"{host} is being called as often as it may be: ask again in a moment.", until)


class Unreachable(OutboundError):
    permanent = False


class NameNotFound(Unreachable):
    code = "name_not_found"


class ConnectFailed(Unreachable):
    code = "connect_failed"


class TlsFailed(Unreachable):
    code = "tls_failed"


class TimedOut(Unreachable):
    code = "timed_out"


class BadReply(OutboundError):
    pass


class TooLarge(BadReply):
    code = "too_large"
    permanent = True


class ProtocolError(BadReply):
    code = "protocol_error"
    permanent = False
