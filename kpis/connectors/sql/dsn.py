"""What a database's address says: only what is known to be harmless is passed on to a driver.

postgresql://user:password@host:5432/database?tls=verify     mysql://… and mariadb://… alike

`tls` is `verify` (the default: the certificate must be the host's, by an authority that this machine trusts),
`require` (encrypted, with any certificate: many hosted databases sign their own) or `off`, on this machine
alone. Drivers know many more options, some of which read files or run commands; they are refused by name.
"""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from service.outbound import OutboundError, Policy, Target

SCHEMES = {"postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
PORTS = {"postgresql": 5432, "mysql": 3306}
TLS = ("verify", "require", "off")
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class BadDsn(ValueError):
    """The text is no address of a database; the message says why and never quotes it."""


@dataclass(frozen=True, slots=True)
class Dsn:
    dialect: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    tls: str
    target: Target


def parse_dsn(text: str) -> Dsn:
    """Return what `text` says, if it may be called. Raises BadDsn."""
    try:
        parsed = urlsplit(text)
        host, port = parsed.hostname or "", parsed.port
        options = dict(parse_qsl(parsed.query, keep_blank_values=True, strict_parsing=bool(parsed.query)))
    except ValueError as error:
        raise BadDsn(
            "The address cannot be read: percent-encode what stands in user and password."
        ) from error
    dialect = SCHEMES.get(parsed.scheme)
    if dialect is None:
        raise BadDsn("The address begins with postgresql://, mysql:// or mariadb://.")
    if unknown := sorted(set(options) - {"tls"}):
        raise BadDsn(f"No option {unknown[0][:40]!r} is passed on: only tls is.")
    tls = options.get("tls", "verify")
    if tls not in TLS:
        raise BadDsn(f"tls is one of {', '.join(TLS)}.")
    user, password, database = (
        unquote(part) for part in (parsed.username or "", parsed.password or "", parsed.path[1:])
    )
    if not user or not database or "/" in parsed.path[1:] or parsed.fragment:
        raise BadDsn(
            "The address names user, host and database: postgresql://user:password@host:5432/database."
        )
    if any(_CONTROL.search(part) for part in (user, password, database)):
        raise BadDsn("User, password and database hold no control characters.")
    try:
        target = Policy.from_settings().other_target(host, port or PORTS[dialect], plain=tls == "off")
    except OutboundError as error:
        raise BadDsn(str(error)) from error
    return Dsn(dialect, host, target.port, user, password, database, tls, target)


def authorities() -> str:
    """Return the file with the certificate authorities that this machine trusts."""
    told = ssl.get_default_verify_paths().cafile
    return next((path for path in (told, *_BUNDLES) if path and os.path.exists(path)), "system")
