"""Order among columns, and the cycle where there is none."""

from __future__ import annotations

from collections.abc import Mapping


def ordered(depends: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All names so that each follows what it depends on, and a cycle where that is impossible (else empty).

    Names keep the mapping's order as far as they can. Works without recursion, so depth is no limit.

    >>> ordered({"b": ("a",), "a": ()})
    (('a', 'b'), ())
    >>> ordered({"a": ("b",), "b": ("a",)})
    ((), ('a', 'b', 'a'))
    """
    done: dict[str, None] = {}
    for root in depends:
        path = [root]
        waiting = {root: iter(depends[root])}
        while path:
            name = path[-1]
            if name in done:
                path.pop()
                waiting.pop(name, None)
                continue
            following = next((other for other in waiting[name] if other not in done), None)
            if following is None:
                done[name] = None
                path.pop()
                del waiting[name]
            elif following in waiting:
                return (), (*path[path.index(following) :], following)
            else:
                path.append(following)
                waiting[following] = iter(depends[following])
    return tuple(done), ()


def depths(depends: Mapping[str, tuple[str, ...]], order: tuple[str, ...]) -> dict[str, int]:
    """How long the longest chain is that leads to each name, in the order that `ordered` gives.

    >>> depths({"a": (), "b": ("a",), "c": ("a", "b")}, ("a", "b", "c"))
    {'a': 1, 'b': 2, 'c': 3}
    """
    found: dict[str, int] = {}
    for name in order:
        found[name] = 1 + max((found.get(other, 0) for other in depends[name]), default=0)
    return found
