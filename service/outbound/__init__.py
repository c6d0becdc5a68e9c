"""The one seam for HTTP out.

    async with OutboundSession(Policy.from_settings()) as http:
        reply = await http.fetch("GET", url, headers={"Accept": "application/json"}, deadline_s=15)

Whom we call is what customers typed in, so every call assumes that the name, the server and the bytes are
hostile. In order:

1. `policy` reads the URL: https, a usual port, no user name, a name or a canonical address.
2. `session` resolves the name once; `addresses` judges each answer, and one that is not public refuses all.
3. `pinning` lets the connection go to the checked addresses alone; Host and TLS keep the name.
4. No redirects, no proxies from the environment, no cookies, no second call on a connection.
5. `turns` are waited for: each host has a few at a time and a second, shared by all processes.
6. `bodies` caps what is read, as sent and as unpacked; one deadline bounds it all.

What went wrong has a name in `errors`, and each name says whether trying again is of use. A URL may carry a
secret, so errors name host and port only.
"""

from service.outbound.callers import Caller, calling_for
from service.outbound.errors import (
    BadReply,
    BlockedAddress,
    ConnectFailed,
    HeldBack,
    InvalidHeader,
    InvalidUrl,
    NameNotFound,
    NoTurn,
    OutboundError,
    PauseAsked,
    ProtocolError,
    Refused,
    TimedOut,
    TlsFailed,
    TooLarge,
    Unreachable,
)
from service.outbound.policy import Policy, Target
from service.outbound.session import OutboundSession, Reply
from service.outbound.turns import HostTurns

__all__ = [
    "BadReply",
    "BlockedAddress",
    "Caller",
    "ConnectFailed",
    "HeldBack",
    "HostTurns",
    "InvalidHeader",
    "InvalidUrl",
    "NameNotFound",
    "NoTurn",
    "OutboundError",
    "OutboundSession",
    "PauseAsked",
    "Policy",
    "ProtocolError",
    "Refused",
    "Reply",
    "Target",
    "TimedOut",
    "TlsFailed",
    "TooLarge",
    "Unreachable",
    "calling_for",
]
