"""Addresses of databases, and the names and texts of standard SQL."""

from __future__ import annotations

from dataclasses import field
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from seedbed.core.errors import ModelError
from seedbed.core.nearest import one_of
from seedbed.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is: the address without `schema=...`, that schema, and the address as it may be shown."""

    url: str = field(repr=False)
    schema: str | None
    shown: str


def address(url: str, own: tuple[str, ...] = ()) -> Address:
    """Take an address apart; the password is never shown. Options of our `own` are left out of the address, as the schema is.

    Raises:
        ValueError: it is no address.

    >>> address("postgresql://ada:secret@db:5432/shop?schema=sales").shown
    'postgresql://ada@db:5432/shop?schema=sales'
    """
    parts = urlsplit(url, allow_fragments=False)  # a `#` is part of a name
    _ = parts.port  # raises where it is no number
    if parts.netloc.count("@") > 1:
        raise ValueError("the address has two `@`")  # drivers would take the end of a password for the host, and tell it
    options = parse_qsl(parts.query, keep_blank_values=True)
    schema = next((value for name, value in options if name == "schema"), None)
    plain = urlencode([(name, value) for name, value in options if name not in {"schema", *own}], safe="/:,")
    open_options = urlencode([(name, value) for name, value in options if "pass" not in name], safe="/:,")
    host = parts.netloc.rpartition("@")[2]
    user = parts.netloc.rpartition("@")[0].partition(":")[0]
    shown = f"{user}@{host}" if user else host
    # `urlunsplit` would drop the empty host of `scheme:///path`
    return Address(
        f"{parts.scheme}://{parts.netloc}{parts.path}" + (f"?{plain}" if plain else ""),
        schema,
        f"{parts.scheme}://{shown}{parts.path}" + (f"?{open_options}" if open_options else ""),
    )


def asked_address(url: str, own: tuple[str, ...] = ()) -> Address:
    """The same of what a request says.

    Raises:
        ModelError: it is no address.
    """
    scheme = url.partition("://")[0]
    try:
        return address(url, own)
    except ValueError:
        fix = f"write it as `{scheme}://user:password@host:port/database`; special characters of a password as %XX"
        raise ModelError("this is no address of a database", where=f"{scheme}://...", fix=fix) from None


def options_of(url: str) -> dict[str, str]:
    """What stands behind the `?` of an address.

    >>> options_of("postgresql://db/shop?schema=sales")
    {'schema': 'sales'}
    """
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def asked_file(url: str, example: str, known: tuple[str, ...] = ()) -> tuple[Address, str]:
    """The address of a file that a request names, and the file's path; `known` may stand behind the `?`.

    Raises:
        ModelError: it names no file, or says more than is known.

    >>> asked_file("duckdb:///a.duckdb?schema=x", "duckdb:///file.duckdb", ("schema",))[1]
    'a.duckdb'
    """
    at = asked_address(url)
    fix = f"write {example}, with four slashes for a path from the root on"
    if urlsplit(at.url).netloc:
        raise ModelError("the address of a file has three slashes, since there is no host", where=at.shown, fix=fix)
    for name in options_of(url):
        if name not in known:
            raise ModelError(
                f"unknown in this address: `{name}`", where=at.shown, fix=f"it may say {one_of(known)}" if known else "leave it out"
            )
    path = file_of(at.url)
    if not path:
        raise ModelError("the address names no file", where=at.shown, fix=fix)
    return at, path


def file_of(url: str) -> str:
    """The path that the address of a file means: three slashes for one from this folder on, four for one from the root on.

    >>> file_of("sqlite:///a%20b/shop.db"), file_of("duckdb:////tmp/shop.duckdb?schema=x")
    ('a b/shop.db', '/tmp/shop.duckdb')
    """
    return unquote(url.partition("://")[2].partition("?")[0].removeprefix("/"))


def secrets_of(url: str) -> tuple[str, ...]:
    """Every spelling of the passwords in an address, to be kept out of what is told.

    >>> secrets_of("postgresql://ada:s%20x@db/shop?sslpassword=y")
    ('s%20x', 's x', 'y')
    """
    parts = urlsplit(url)
    spelt = parts.netloc.rpartition("@")[0].partition(":")[2]
    hidden = [value for name, value in parse_qsl(parts.query) if "pass" in name]
    return tuple(dict.fromkeys(text for text in (spelt, unquote(spelt), *hidden) if text))


def told(error: BaseException, secrets: tuple[str, ...] = ()) -> str:
    """The first line of what a driver says, without any of the secrets.

    >>> told(ValueError("no access with s3cret!"), ("s3cret",))
    'no access with ***!'
    """
    text = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it.

    >>> print(quoted('a "b'))
    "a ""b"
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL takes it.

    >>> print(literal("it's"))
    'it''s'
    """
    return "'" + text.replace("'", "''") + "'"
