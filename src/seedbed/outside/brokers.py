"""The addresses of brokers, taken apart the same way for every client library, and what failed there, told without a password."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from seedbed.core.errors import EdgeError, ModelError, PluginError
from seedbed.core.nearest import did_you_mean, one_of
from seedbed.core.records import dataclass

if TYPE_CHECKING:
    import ssl

#: How long a broker may take for one answer, unless the address says otherwise.
TIMEOUT_S = 30.0

#: What every address may say after `?`.
COMMON = ("topic", "timeout", "schemas")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a broker is: its hosts, who asks, the path without its first `/`, and what stands after `?`."""

    scheme: str
    hosts: tuple[tuple[str, int], ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    path: str = ""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def servers(self) -> str:
        """The hosts and their ports, with commas."""
        return ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts)

    @property
    def shown(self) -> str:
        """The address as it may be shown: without the password and without what stands after `?`."""
        return f"{self.scheme}://{self.user + '@' if self.user else ''}{self.servers}{'/' + self.path if self.path else ''}"

    @property
    def timeout_s(self) -> float:
        """How long one answer may take.

        Raises:
            ModelError: it is no number of seconds.
        """
        said = self.options.get("timeout")
        try:
            seconds = TIMEOUT_S if said is None else float(said)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds <= 86_400:  # a day
            raise ModelError(f"`timeout={said}` is no number of seconds", where=self.shown, fix="a number above 0, such as timeout=30")
        return seconds

    def flag(self, name: str, *, default: bool) -> bool:
        """What a yes-or-no option says.

        Raises:
            ModelError: it says neither `true` nor `false`.
        """
        said = self.options.get(name)
        if said not in (None, "true", "false"):
            raise ModelError(f"`{name}={said}` is neither true nor false", where=self.shown, fix=f"{name}=true or {name}=false")
        return default if said is None else said == "true"

    def reach(self) -> None:
        """Knock at each host until one opens: client libraries take long to tell that nobody is there.

        Raises:
            EdgeError: none opens.
        """
        import socket

        said: OSError | None = None
        for host in self.hosts:
            try:
                socket.create_connection(host, self.timeout_s).close()
            except OSError as error:
                said = error
            else:
                return
        reason = said and (said.strerror or str(said))
        raise self.failed("nobody is there", reason, fix="start it, or say another host; then run again") from said

    def tls(self) -> ssl.SSLContext:
        """How the broker proves who it is: by an authority that the system trusts, or by one of the file `cafile`.

        Raises:
            ModelError: there is no such file, or no certificate in it.
        """
        import ssl

        file = self.options.get("cafile")
        try:
            return ssl.create_default_context(cafile=file)
        except (OSError, ssl.SSLError) as error:
            fix = "name a file of certificates in PEM"
            raise ModelError(f"`cafile={file}` can't be read as certificates: {error}", where=self.shown, fix=fix) from error

    def failed(self, what: str, cause: object = None, *, fix: str = "look at the broker, then run again with --resume") -> EdgeError:
        """The error of something that failed there; what the cause says stands behind, without the password."""
        said = str(cause) if cause is not None and str(cause) else ""
        return EdgeError(self.hidden(f"{what}: {said}" if said else what), where=self.shown, fix=fix)

    def hidden(self, text: str) -> str:
        """A text without the password."""
        return text.replace(self.password, "***") if self.password else text


def address(url: str, port: int, options: Collection[str] = (), *, dotted: bool = False) -> Address:
    """Take the address of a broker apart; hosts without a port have `port`. Where `dotted`, any option with a point in its name is let through.

    Raises:
        ModelError: there is no host, a port is no number, or an option is unknown.

    >>> found = address("nats://ann:s%40cret@a,b:4223/x?timeout=5", 4222)
    >>> found.servers, found.password, found.shown, found.timeout_s
    ('a:4222,b:4223', 's@cret', 'nats://ann@a:4222,b:4223/x', 5.0)
    """
    scheme, _, rest = url.partition("://")
    parts = urlsplit(f"//{rest}", allow_fragments=False)
    who, _, where = parts.netloc.rpartition("@")
    user, _, password = who.partition(":")
    said = parse_qsl(parts.query, keep_blank_values=True)
    found = Address(
        scheme.lower(),
        tuple(_host(scheme, host, port) for host in where.split(",")),
        unquote(user) or None,
        unquote(password) or None,
        unquote(parts.path.removeprefix("/")),
        dict(said),
    )
    _refuse_unknown(found, {*COMMON, *options}, dotted=dotted)
    return found


def _host(scheme: str, text: str, port: int) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    try:
        found = parts.port or port
    except ValueError:
        found = 0
    if not parts.hostname or not found:
        raise ModelError("there is no host and port in the address", where=f"{scheme}://{text}", fix=f"{scheme}://HOST:{port}")
    return parts.hostname, found


def _refuse_unknown(found: Address, known: Collection[str], *, dotted: bool) -> None:
    for name in found.options:
        if name not in known and not (dotted and "." in name):
            fix = did_you_mean(name, known) or f"one of {one_of(sorted(known))}"
            raise ModelError(f"`{found.scheme}` addresses have no option `{name}`", where=found.shown, fix=fix)


def not_installed(library: str, extra: str, error: ImportError) -> PluginError:
    """The error of a client library that is not there."""
    made = PluginError(f"{library} is not installed", where=f"{extra} streams", fix=f"pip install 'seedbed[{extra}]'")
    made.__cause__ = error
    return made
