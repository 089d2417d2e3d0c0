"""A profile as one HTML page that needs no network: a card for each column, search, light and dark, printable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any


def profile_html(profile: Mapping[str, Any], *, title: str = "Profile") -> str:
    """A profile, as `Profile.to_dict` gives it, as an HTML page.

    >>> profile_html({"data": "memory", "tables": []})[:15]
    '<!doctype html>'
    """
    text = json.dumps(profile, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str)
    safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")  # no value can end the script
    page = files("seedbed.check.reports").joinpath("profile.html").read_text(encoding="utf-8")
    before, after = page.split("__DATA__")
    return before.replace("__TITLE__", escape(title)) + safe + after
