"""How many children a parent has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from seedbed.model.base import SINCE_2, NonNegative, Number, Part, RowRef, Share
from seedbed.model.generators.distribution import bare_histogram
from seedbed.model.generators.distribution_params import GeometricParams, NegBinomialParams, ZipfParams, numbers_in, weighed

#: The key of a map that stands for values it does not list, and for null.
OTHERS = "else"

Count = Annotated[int, Field(ge=0, le=2**31)]
Expected = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]
Some = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class FanoutParams(Part):
    """The numbers of a fan-out; each may be a map `{value of by: number}`, with `else` for other values."""

    n: Count | dict[str, Count] | None = Field(default=None, description="fixed: the children of each parent; zipf: the most children.")
    p: Share | dict[str, Share] | None = Field(
        default=None, description="fixed: the share of parents with one child; geometric, neg_binomial: as in `distribution`."
    )
    r: NonNegative | dict[str, NonNegative] | None = Field(default=None, description="neg_binomial: the successes.")
    a: NonNegative | dict[str, NonNegative] | None = Field(default=None, description="zipf: k children weigh 1 / k^a.")
    mean: Number | dict[str, Number] | None = Field(default=None, description="lognormal: the mean of the logarithm.")
    sigma: NonNegative | dict[str, NonNegative] | None = Field(default=None, description="lognormal: its standard deviation.")
    column: RowRef | None = Field(default=None, description="column: the parent's `int` column that says how many; null says none.")
    values: dict[str, NonNegative] | None = Field(default=None, description='histogram: `{"1": 0.9, "2": 0.1}`.')

    @property
    def given(self) -> dict[str, object]:
        """The parameters that are given, by name."""
        return {name: value for name in _NAMES if (value := getattr(self, name)) is not None}


_NAMES = tuple(name for name in FanoutParams.model_fields if name != "comment")

#: What each kind of fan-out needs: any one of these sets of parameters.
_NEEDS: dict[str, tuple[frozenset[str], ...]] = {
    "fixed": (frozenset({"n"}), frozenset({"p"})),
    "geometric": (frozenset({"p"}),),
    "neg_binomial": (frozenset({"r", "p"}),),
    "zipf": (frozenset({"a", "n"}),),
    "lognormal": (frozenset({"mean", "sigma"}),),
    "histogram": (frozenset({"values"}),),
    "column": (frozenset({"column"}),),
}

Kind = Literal["poisson", "uniform", "fixed", "geometric", "neg_binomial", "zipf", "lognormal", "histogram", "column"]


class Fanout(Part):
    """How many children a parent has."""

    model_config = ConfigDict(populate_by_name=True)
    since_values: ClassVar[dict[str, set[object]]] = {"distribution": set(_NEEDS)}

    distribution: Kind = Field(
        description="poisson: about `lambda` children; uniform: `min` to `max`; fixed, geometric, neg_binomial, zipf, lognormal, "
        "histogram, column: by `params`."
    )
    lambda_: Expected | dict[str, Some] | None = Field(
        default=None, alias="lambda", description="The expected number (poisson), or one for each value of `by`."
    )
    min: Count | None = Field(default=None, description="The fewest; for uniform the lower end.")
    max: Count | None = Field(default=None, description="The most; for uniform the upper end.")
    clamp: Annotated[tuple[NonNegative | None, NonNegative | None], Field(strict=False)] | None = Field(
        default=None, description="[fewest, most], after everything else."
    )
    params: (
        Annotated[FanoutParams, BeforeValidator(bare_histogram, json_schema_input_type=FanoutParams | dict[str, NonNegative])] | None
    ) = Field(default=None, description="The numbers of the further kinds.", json_schema_extra=SINCE_2)
    by: RowRef | None = Field(
        default=None,
        description="The parent's column, or `link.column`, by whose value `lambda` or `params` differ.",
        json_schema_extra=SINCE_2,
    )
    where: Annotated[str, Field(min_length=1, max_length=10_000)] | None = Field(
        default=None,
        description="An expression over the parent's row: parents for which it is not true have no children.",
        json_schema_extra=SINCE_2,
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.distribution == "poisson" and self.lambda_ is None:
            raise PydanticCustomError("fanout_lambda", "a poisson fan-out needs `lambda`", {})
        if self.distribution == "uniform" and (self.min is None or self.max is None):
            raise PydanticCustomError("fanout_bounds", "a uniform fan-out needs `min` and `max`", {})
        if self.distribution != "poisson" and self.lambda_ is not None:
            raise PydanticCustomError("fanout_extra", "a {kind} fan-out has no `lambda`", {"kind": self.distribution})
        for low, high in ((self.min, self.max), self.clamp or (None, None)):
            if low is not None and high is not None and low > high:
                raise PydanticCustomError("inverted", "`min` ({low}) is above `max` ({high})", {"low": f"{low:g}", "high": f"{high:g}"})
        self._check_params()
        return self

    def _check_params(self) -> None:
        given = self.params.given if self.params is not None else {}
        needs = _NEEDS.get(self.distribution, (frozenset(),))
        if given.keys() not in needs:
            wanted = " or ".join(f"`params: {{{', '.join(sorted(need))}}}`" for need in needs if need) or "no `params`"
            found = f"found {', '.join(f'`{name}`' for name in given)}" if given else "found none"
            context = {"kind": self.distribution, "wanted": wanted, "found": found}
            raise PydanticCustomError("fanout_params", "a {kind} fan-out takes {wanted}; {found}", context)
        if self.params is not None and self.params.values is not None:
            _check_histogram(self.params.values)
        if self.maps and self.by is None:
            raise PydanticCustomError("fanout_by", "a map of numbers needs `by`: the column whose values are its keys", {})
        for keys in self.maps:
            missing = [key for key in self.listed if key not in keys and OTHERS not in keys]
            if missing:
                raise PydanticCustomError("fanout_keys", "one map has `{key}`, another has not", {"key": missing[0][:60]})
        for case in self.cases.values():
            case.check_numbers()

    @property
    def maps(self) -> tuple[dict[str, float], ...]:
        """The parameters that are maps from values of `by`."""
        given = [self.lambda_, *(self.params.given.values() if self.params is not None and self.params.values is None else ())]
        return tuple(value for value in given if isinstance(value, dict))

    @property
    def listed(self) -> tuple[str, ...]:
        """The values of `by` that the maps list."""
        return tuple(dict.fromkeys(key for keys in self.maps for key in keys if key != OTHERS))

    @property
    def has_others(self) -> bool:
        """Whether the maps say what holds for values that they do not list."""
        return all(OTHERS in keys for keys in self.maps)

    @property
    def cases(self) -> dict[str, Fanout]:
        """For each value of `by` the fan-out of its parents; `else` is any other value. Only that one without maps."""
        if not self.maps:
            return {OTHERS: self}
        return {key: self._case(key) for key in (*self.listed, *([OTHERS] if self.has_others else []))}

    @property
    def is_simple(self) -> bool:
        """Whether all parents have the same distribution of children, and none is left out."""
        return not self.maps and self.where is None and self.distribution != "column"

    def _case(self, key: str) -> Fanout:
        def of(value: object) -> object:
            return value.get(key, value.get(OTHERS)) if isinstance(value, dict) else value

        params = self.params
        if params is not None:
            params = params.model_copy(update={name: of(value) for name, value in params.given.items()})
        return self.model_copy(update={"lambda_": of(self.lambda_), "params": params})

    def number(self, name: str) -> float:
        """A parameter that is one number."""
        value = getattr(self.params, name)
        assert isinstance(value, int | float)
        return value

    def check_numbers(self) -> None:
        """Refuse numbers that the distribution of that name refuses too."""
        try:
            if self.distribution == "geometric":
                GeometricParams(p=self.number("p"))
            if self.distribution == "neg_binomial":
                NegBinomialParams(r=self.number("r"), p=self.number("p"))
            if self.distribution == "zipf":
                ZipfParams(a=self.number("a"), n=int(self.number("n")))
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(step) for step in first["loc"])
            context = {
                "kind": self.distribution,
                "name": f"`{name}`: " if name else "",
                "said": first["msg"][:1].lower() + first["msg"][1:],
            }
            raise PydanticCustomError("fanout_numbers", "a {kind} fan-out, {name}{said}", context) from error
        if self.distribution == "lognormal" and (abs(self.number("mean")) > 300 or self.number("sigma") > 50):
            raise PydanticCustomError("fanout_numbers", "a lognormal fan-out has a `mean` within 300 and a `sigma` of at most 50", {})


def _check_histogram(values: dict[str, float]) -> None:
    weighed(values.values())
    _refuse_odd_counts(numbers_in(values))


def _refuse_odd_counts(numbers: Iterable[float]) -> None:
    for number in numbers:
        if number < 0 or not number.is_integer() or number > 2**31:
            context = {"number": f"{number:g}"}
            raise PydanticCustomError("fanout_count", "{number} is no number of children: they are whole, from 0 to 2^31", context)
