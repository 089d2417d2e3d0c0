"""From a document's text to a model, with every mistake found at once and placed."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from pydantic import ValidationError

from seedbed.core.plugins import NO_PLUGINS, Plugins
from seedbed.core.records import dataclass
from seedbed.model.document import Model
from seedbed.model.events import with_event_tables
from seedbed.model.places import Mistake, Places
from seedbed.model.plugins import plugin_context
from seedbed.model.reading.faults import MOST_FAULTS
from seedbed.model.reading.problems import mistakes_of
from seedbed.model.reading.profiles import profile_names, require_profile
from seedbed.model.reading.salvage import names_in, salvage, still_true
from seedbed.model.reading.source import TABLE_KEYS, Source
from seedbed.model.reading.text import decode
from seedbed.model.reading.tree import Tree, refuse_vast
from seedbed.model.reading.trees import read_tree
from seedbed.model.resolve import resolve
from seedbed.model.resolve.types import with_types

#: What every model has; a document with none of them is something else.
_HEADS = {"version", "metadata", "timeframe", *TABLE_KEYS}


def parse(text: str | bytes, name: str, *, profile: str | None = None, plugins: Plugins | None = NO_PLUGINS) -> Model:
    """Read a model from the text of a YAML or JSON document; `name` is what messages call it, `profile` the one of its own to apply.

    `plugins` are those that the document may use; None: nobody looks for them.

    Raises:
        ModelError: with every mistake that could be found, each with line, column and the author's own path.

    >>> parse('{"version": "1.0"}', "m.json")
    Traceback (most recent call last):
    seedbed.core.errors.ModelError: m.json:1:1 metadata: `metadata` is missing
    ...
    """
    return parse_with_places(text, name, profile=profile, plugins=plugins)[0]


def parse_with_places(
    text: str | bytes, name: str, *, profile: str | None = None, plugins: Plugins | None = NO_PLUGINS
) -> tuple[Model, Places]:
    """Read a model, and keep where its parts stand."""
    found = examine(text, name, profile=profile, plugins=plugins)
    return found.require(), found.places


@dataclass(frozen=True, slots=True)
class Examined:
    """A document that could be read, and its model or all mistakes that it shows by itself.

    `data` are what the model's classes take; paths of mistakes lead through them, and `places` knows where each part stands.
    """

    data: object
    places: Places
    model: Model | None
    mistakes: tuple[Mistake, ...]

    def require(self) -> Model:
        """The model.

        Raises:
            ModelError: there are mistakes.
        """
        if self.model is None:
            raise self.places.error(self.mistakes)
        return self.model


def examine(text: str | bytes, name: str, *, profile: str | None = None, plugins: Plugins | None = NO_PLUGINS) -> Examined:
    """Read a document and judge it by itself; what only planning can tell is not looked at.

    Raises:
        ModelError: it is neither YAML nor JSON, or too big or too deep to be looked at; or it has no such profile.
    """
    return examine_tree(read_tree(decode(text, name), name), name, profile=profile, plugins=plugins)


def examine_tree(tree: Tree, name: str, *, profile: str | None = None, plugins: Plugins | None = NO_PLUGINS) -> Examined:
    """The same for plain data."""
    refuse_vast(tree.data, name)
    if profile is not None:
        require_profile(tree.data, profile, name)
    source = Source.of(tree.data, profile)
    places = Places(name, tree.data, tree.find, source.author)
    model, mistakes = _judged(source, tree, plugins)
    if model is not None and not mistakes and profile is None:
        mistakes = [mistake for other in profile_names(tree.data) for mistake in _of_profile(tree, other, plugins)]
    return Examined(source.data, places, None if mistakes else model, tuple(mistakes))


def _of_profile(tree: Tree, profile: str, plugins: Plugins | None) -> list[Mistake]:
    """What a profile would make wrong in a document that is sound without it; at the author's own paths."""
    source = Source.of(tree.data, profile)
    found = []
    for mistake in _judged(source, tree, plugins)[1]:
        path = source.author(mistake.path)
        in_profile = path[:1] == ("profiles",)
        at_key = mistake.at_key or path[-1:] != mistake.path[-1:]
        message = mistake.message if in_profile else f"with the profile `{profile}`: {mistake.message}"
        found.append(replace(mistake, path=path, message=message, at_key=at_key))
    return found


def _judged(source: Source, tree: Tree, plugins: Plugins | None) -> tuple[Model | None, list[Mistake]]:
    """The model if there is one, and all mistakes."""
    data = source.data
    if isinstance(data, dict) and data and not _HEADS & set(data):
        message = "this is no model: it has no `version`, no `metadata`, no `timeframe` and no `nodes`"
        return None, [*tree.mistakes, Mistake((), message, "`seedbed demo` shows a model to start from")]
    written = [*tree.mistakes, *source.mistakes]
    try:
        model = Model.model_validate(data, by_alias=True, by_name=False, context=plugin_context(plugins))
    except ValidationError as error:
        return None, [*written, *_unspoilt(source, written, [*mistakes_of(error, Model, data), *_of_the_rest(data, plugins)])]
    model = with_event_tables(model)
    return with_types(model)[0], [*written, *islice(resolve(model), MOST_FAULTS)]


def _unspoilt(source: Source, written: list[Mistake], mistakes: list[Mistake]) -> list[Mistake]:
    """Mistakes outside of what the reader has refused already."""
    spoilt = {mistake.path for mistake in written if mistake.path}
    paths = ((mistake, source.author(mistake.path)) for mistake in mistakes)
    return [mistake for mistake, path in paths if not any(path[:depth] in spoilt for depth in range(len(path) + 1))]


def _of_the_rest(data: object, plugins: Plugins | None) -> list[Mistake]:
    """Mistakes that show when the wrong parts are taken out."""
    found = salvage(Model, data, plugins)
    judged = resolve(found.model, names_in(data)) if found.model is not None else iter(())
    return [*found.mistakes, *still_true(islice(judged, MOST_FAULTS), found.rest)]
