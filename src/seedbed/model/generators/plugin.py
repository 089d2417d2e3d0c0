"""Parameters of `plugin`: the name of what somebody else wrote, and what it takes."""

from pydantic import Field

from seedbed.model.base import Part
from seedbed.model.plugins import Args, GeneratorArgs, GeneratorName


class FromPlugin(Part):
    """Values of a generator that an installed package adds."""

    name: GeneratorName = Field(description="The plug-in's name; `seedbed generators` lists those that are installed.")
    args: GeneratorArgs = Field(default_factory=Args, validate_default=True, description="What the plug-in takes.")
