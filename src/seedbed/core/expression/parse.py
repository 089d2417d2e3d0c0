"""Text to expression: operator precedence parsing (V. R. Pratt, "Top Down Operator Precedence", 1973)."""

from __future__ import annotations

from seedbed.core.block import ColumnType
from seedbed.core.expression.errors import ExpressionError
from seedbed.core.expression.tokens import Kind, Token, tokens
from seedbed.core.expression.tree import Call, Constant, Expression, Literal, Name, Step

MAX_NODES = 1_000
MAX_DEPTH = 64

NEGATION = "unary -"

#: Functions of one name that are read like a column: `depth(link)`, `count_children(table)`, `sum(child.column)`.
MEASURES = frozenset({"depth", "count_children", "sum", "count", "mean"})

#: And those that are functions of the row's own values too: `min(child.column)` and `min(a, b)`.
_BOTH = frozenset({"min", "max"})

_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER = range(1, 9)
_STRENGTH = {
    "or": _OR, "and": _AND, "==": _COMPARISON, "!=": _COMPARISON, "<": _COMPARISON, "<=": _COMPARISON, ">": _COMPARISON,
    ">=": _COMPARISON, "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "//": _PRODUCT, "%": _PRODUCT, "**": _POWER,
}  # fmt: skip
_CONSTANTS: dict[str, tuple[Constant, ColumnType | None]] = {
    "true": (True, ColumnType.BOOL), "True": (True, ColumnType.BOOL), "false": (False, ColumnType.BOOL),
    "False": (False, ColumnType.BOOL), "null": (None, None), "None": (None, None),
}  # fmt: skip
_LITERALS = {Kind.INT: ColumnType.INT, Kind.FLOAT: ColumnType.FLOAT, Kind.STRING: ColumnType.STRING}
_OPERATOR_WORDS = ("and", "or")
_REFUSED_WORDS = {
    "if": "write if_(condition, a, b)",
    "else": "write if_(condition, a, b)",
    "in": "write x == a or x == b",
    "is": "write is_null(x)",
    "lambda": "functions can't be made here; use those that exist",
    "for": "an expression speaks of one row at a time",
    "import": "nothing can be imported",
    "await": "an expression is one value",
    "yield": "an expression is one value",
}


def parse(code: str) -> Expression:
    """Read an expression.

    Raises:
        ExpressionError: the text is not of the language, or too long, too large or nested too deeply.

    >>> parse("price * (1 - discount)").names
    ('price', 'discount')
    """
    parser = _Parser(tokens(code))
    if parser.has_ended():
        raise ExpressionError("the expression is empty", fix="write a value, such as `price * quantity`")
    parser.value(0)
    if not parser.has_ended():
        raise _unexpected(parser.token)
    return Expression(code, tuple(parser.steps))


class _Parser:
    """A place in the words, and the steps made so far."""

    def __init__(self, words: list[Token]) -> None:
        self.words, self.position, self.depth = words, 0, 0
        self.steps: list[Step] = []

    @property
    def token(self) -> Token:
        return self.words[self.position]

    def has_ended(self) -> bool:
        return self.token.kind == Kind.END

    def advance(self) -> Token:
        self.position += 1
        return self.words[self.position - 1]

    def add(self, step: Step) -> None:
        self.steps.append(step)
        if len(self.steps) > MAX_NODES:
            raise ExpressionError(f"the expression has more than {MAX_NODES:,} parts", offset=step.offset, fix="split it into columns")

    def value(self, strength: int) -> None:
        """A value and all operators behind it that bind at least so strongly."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(
                f"the expression is nested more than {MAX_DEPTH} deep", offset=self.token.offset, fix="split it into columns"
            )
        self.operand(strength)
        while (found := _infix(self.token)) is not None and _STRENGTH[found] >= strength:
            self.infix(found)
        self.depth -= 1

    def infix(self, operator: str) -> None:
        word, own = self.advance(), _STRENGTH[operator]
        self.value(_SIGN if operator == "**" else own + 1)
        self.add(Call(operator, 2, word.offset))
        following = _infix(self.token)
        if own == _COMPARISON and following is not None and _STRENGTH[following] == _COMPARISON:
            raise ExpressionError("comparisons can't be chained", offset=self.token.offset, fix="write `a < b and b < c`")

    def operand(self, strength: int) -> None:
        token = self.advance()
        if token.kind in _LITERALS:
            self.literal(token)
        elif token.kind == Kind.NAME:
            self.word(token, strength)
        elif token.value == "(":
            self.parenthesis(token)
        elif token.value in ("-", "+"):
            self.sign(token)
        else:
            raise _unexpected(token)

    def literal(self, token: Token) -> None:
        if token.value == 2**63:
            raise ExpressionError("a whole number passes 64 bits", offset=token.offset, fix="write it as a float, like 1e20")
        self.add(Literal(token.value, _LITERALS[token.kind], token.offset))

    def word(self, token: Token, strength: int) -> None:
        name = str(token.value)
        if name == "not":
            self.negation(token, strength)
        elif name in _CONSTANTS:
            self.add(Literal(*_CONSTANTS[name], token.offset))
        elif name in _REFUSED_WORDS or name in _OPERATOR_WORDS:
            raise _unexpected(token)
        elif self.token.value == "(" and self.token.kind == Kind.SYMBOL:
            self.call(token, name)
        else:
            self.add(Name(name, token.offset))

    def negation(self, token: Token, strength: int) -> None:
        if strength > _NOT:
            raise ExpressionError("`not` binds less than the operator before it", offset=token.offset, fix="write it in parentheses")
        self.value(_NOT)
        self.add(Call("not", 1, token.offset))

    def call(self, token: Token, name: str) -> None:
        if "." in name:
            owner, method = name.rsplit(".", 1)
            raise ExpressionError(f"methods can't be called: `{name}`", offset=token.offset, fix=f"write {method}({owner})")
        self.advance()
        if self.is_measure(name):
            self.measure(token, name)
            return
        count = 0
        while not self.closes():
            self.value(0)
            count += 1
            if not self.closes():
                self.expect(",", token)
        self.advance()
        self.refuse_second_call()
        self.add(Call(name, count, token.offset))

    def is_measure(self, name: str) -> bool:
        """Whether a call has one name for its argument, and that leads to other rows."""
        is_alone = self.token.kind == Kind.NAME and self.words[self.position + 1].value == ")"
        return is_alone and (name in MEASURES or (name in _BOTH and "." in str(self.token.value)))

    def measure(self, token: Token, name: str) -> None:
        """A number that a row has by its links: it is a name, which whoever gives the columns must know."""
        of = str(self.advance().value)
        self.advance()
        self.refuse_second_call()
        self.add(Name(f"{name}({of})", token.offset))

    def closes(self) -> bool:
        return self.token.kind == Kind.SYMBOL and self.token.value == ")"

    def parenthesis(self, opening: Token) -> None:
        if self.closes():
            raise ExpressionError("the parentheses are empty", offset=opening.offset, fix="write a value between them")
        self.value(0)
        self.expect(")", opening)
        self.refuse_second_call()

    def expect(self, symbol: str, opening: Token) -> None:
        if self.has_ended():
            raise ExpressionError("a parenthesis is not closed", offset=opening.offset, fix="add `)`")
        if self.token.kind != Kind.SYMBOL or self.token.value != symbol:
            raise _unexpected(self.token)
        self.advance()

    def refuse_second_call(self) -> None:
        if self.token.value == "(" and self.token.kind == Kind.SYMBOL:
            raise ExpressionError("a value can't be called", offset=self.token.offset, fix="write an operator before the parenthesis")

    def sign(self, token: Token) -> None:
        following = self.words[self.position + 1] if self.token.kind == Kind.INT else None
        if token.value == "-" and following is not None and following.value != "**":
            self.add(Literal(-int(self.advance().value), ColumnType.INT, token.offset))  # so that -2**63 can be written
            return
        self.value(_SIGN)
        if token.value == "-":
            self.add(Call(NEGATION, 1, token.offset))


def _infix(token: Token) -> str | None:
    is_word = token.kind == Kind.NAME and token.value in _OPERATOR_WORDS
    is_symbol = token.kind == Kind.SYMBOL and token.value in _STRENGTH
    return str(token.value) if is_word or is_symbol else None


def _unexpected(token: Token) -> ExpressionError:
    if token.kind == Kind.END:
        return ExpressionError(
            "the expression ends where a value is missing", offset=token.offset, fix="complete or remove the last operator"
        )
    if token.kind == Kind.NAME and token.value in _REFUSED_WORDS:
        return ExpressionError(f"`{token.value}` is not part of expressions", offset=token.offset, fix=_REFUSED_WORDS[str(token.value)])
    shown = repr(token.value) if token.kind == Kind.STRING else f"`{token.value}`"
    return ExpressionError(f"{shown[:60]} can't stand here", offset=token.offset, fix="an operator or a value is missing or too much")
