"""What is changed: which of cosmic-ray's operators are used, and those that it lacks."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import parso
from cosmic_ray.mutating import mutate_code
from parso.tree import NodeOrLeaf

type Position = tuple[int, int]

_ARITHMETIC = ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul", "Pow_Mul", "LShift_RShift",
               "RShift_LShift", "BitOr_BitAnd", "BitAnd_BitOr", "BitXor_BitAnd")  # fmt: skip
_COMPARED = ("Eq", "NotEq", "Lt", "LtE", "Gt", "GtE")
# One other operator for each of arithmetic, for most of the eleven that there are fail on any value; `is` is turned
# around, but never made `==`, which is the same for what it is asked about.
FROM_COSMIC_RAY = {
    *(f"core/ReplaceBinaryOperator_{change}" for change in _ARITHMETIC),
    *(f"core/ReplaceComparisonOperator_{a}_{b}" for a, b in itertools.permutations(_COMPARED, 2)),
    "core/ReplaceComparisonOperator_Is_IsNot",
    "core/ReplaceComparisonOperator_IsNot_Is",
    "core/ReplaceUnaryOperator_USub_UAdd",
    "core/ReplaceUnaryOperator_Delete_Not",
    "core/AddNot",
    "core/ReplaceTrueWithFalse",
    "core/ReplaceFalseWithTrue",
    "core/ReplaceAndWithOr",
    "core/ReplaceOrWithAnd",
    "core/ReplaceBreakWithContinue",
    "core/ReplaceContinueWithBreak",
    "core/ExceptionReplacer",
    "core/NumberReplacer",
    "core/ZeroIterationForLoop",
}


class Operator:
    """What cosmic-ray asks of an operator; `pieces` are the parts of a node that it can change, one at a time.

    `EXAMPLES` are sources, each with all that it is changed to.
    """

    EXAMPLES: ClassVar[Mapping[str, Sequence[str]]]

    @classmethod
    def arguments(cls) -> tuple[()]:
        """Take none."""
        return ()

    def pieces(self, node: Any) -> list[NodeOrLeaf]:  # noqa: ANN401
        """List what of a node can be changed."""
        raise NotImplementedError

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[tuple[Position, Position]]:
        """Say where a node can be changed."""
        for piece in self.pieces(node):
            yield piece.start_pos, piece.end_pos

    def mutate(self, node: NodeOrLeaf, index: int) -> NodeOrLeaf:
        """Change a node in one of these places."""
        raise NotImplementedError


def _replace(node: Any, piece: NodeOrLeaf, code: str) -> NodeOrLeaf:  # noqa: ANN401
    replaced: NodeOrLeaf = node
    node.children[node.children.index(piece)] = parso.parse(piece.get_first_leaf().prefix + code)
    return replaced


class RemoveCall(Operator):
    """Leaves out a call that is made for its effect."""

    EXAMPLES: ClassVar[Mapping[str, Sequence[str]]] = {
        "a.b(c)\n": ["pass\n"],
        "if a:\n    b()\n": ["if a:\n    pass\n"],
        "a = b()\n": [],
        "a[b]\n": [],
    }

    def pieces(self, node: Any) -> list[NodeOrLeaf]:  # noqa: ANN401
        """List the statement of a line that is nothing but a call."""
        if node.type != "simple_stmt":
            return []
        statement = node.children[0]
        is_call = statement.type == "atom_expr" and statement.children[-1].get_first_leaf().value == "("
        return [statement] if is_call else []

    def mutate(self, node: NodeOrLeaf, index: int) -> NodeOrLeaf:
        """Put `pass` in its place."""
        return _replace(node, self.pieces(node)[index], "pass")


class _ForceCondition(Operator):
    outcome: str

    def pieces(self, node: Any) -> list[NodeOrLeaf]:  # noqa: ANN401
        """List the conditions of `if`, `elif`, `while`, the conditional expression and the comprehension."""
        if node.type in ("if_stmt", "while_stmt"):
            keywords = ("if", "elif", "while")
            return [after for word, after in itertools.pairwise(node.children) if _is_word(word, *keywords)]
        if node.type in ("test", "ternary"):
            return [node.children[2]] if _is_word(node.children[1], "if") else []
        return [node.children[1]] if node.type == "comp_if" else []

    def mutate(self, node: NodeOrLeaf, index: int) -> NodeOrLeaf:
        """Put the outcome in the condition's place; what it names is still bound."""
        piece = self.pieces(node)[index]
        code = piece.get_code(include_prefix=False)
        forced = f"(({code}) or True)" if self.outcome == "True" else f"(({code}) and False)"
        return _replace(node, piece, forced)


class ForceTrue(_ForceCondition):
    """Makes a condition always hold."""

    EXAMPLES: ClassVar[Mapping[str, Sequence[str]]] = {
        "if a:\n    b\nelif c:\n    d\n": [
            "if ((a) or True):\n    b\nelif c:\n    d\n",
            "if a:\n    b\nelif ((c) or True):\n    d\n",
        ],
        "a = b if c else d\n": ["a = b if ((c) or True) else d\n"],
        "(a for a in b if a)\n": ["(a for a in b if ((a) or True))\n"],
    }

    outcome = "True"


class ForceFalse(_ForceCondition):
    """Makes a condition never hold."""

    EXAMPLES: ClassVar[Mapping[str, Sequence[str]]] = {
        "while a := b:\n    c\n": ["while ((a := b) and False):\n    c\n"]
    }

    outcome = "False"


class RemoveOperand(Operator):
    """Leaves out one side of `and` or `or`."""

    EXAMPLES: ClassVar[Mapping[str, Sequence[str]]] = {
        "a and b and c\n": ["True and b and c\n", "a and True and c\n", "a and b and True\n"],
        "a or not b\n": ["False or not b\n", "a or False\n"],
    }

    def pieces(self, node: Any) -> list[NodeOrLeaf]:  # noqa: ANN401
        """List the sides."""
        return list(node.children[::2]) if node.type in ("and_test", "or_test") else []

    def mutate(self, node: NodeOrLeaf, index: int) -> NodeOrLeaf:
        """Put in its place what changes nothing."""
        neutral = "True" if node.type == "and_test" else "False"
        return _replace(node, self.pieces(node)[index], neutral)


class TurnMembership(Operator):
    """Makes `in` of `not in`, and the other way round."""

    EXAMPLES: ClassVar[Mapping[str, Sequence[str]]] = {
        "a in b\n": ["a not in b\n"],
        "a not in b\n": ["a in b\n"],
        "for a in b:\n    c\n": [],
    }

    def pieces(self, node: Any) -> list[NodeOrLeaf]:  # noqa: ANN401
        """List the operators of a comparison that ask for membership."""
        if node.type != "comparison":
            return []
        return [sign for sign in node.children[1::2] if _words(sign) in (["in"], ["not", "in"])]

    def mutate(self, node: NodeOrLeaf, index: int) -> NodeOrLeaf:
        """Turn one around."""
        sign = self.pieces(node)[index]
        return _replace(node, sign, "not in" if _words(sign) == ["in"] else "in")


def _words(node: NodeOrLeaf) -> list[str]:
    code: str = node.get_code(include_prefix=False)
    return code.split()


def _is_word(node: NodeOrLeaf, *words: str) -> bool:
    return node.type == "keyword" and getattr(node, "value", "") in words


class OwnOperators(dict[str, type[Operator]]):
    """The provider of these operators, as cosmic-ray asks for them; they do as their examples say."""

    def __init__(self) -> None:
        operators = (RemoveCall, ForceTrue, ForceFalse, RemoveOperand, TurnMembership)
        for operator in operators:
            for source, expected in operator.EXAMPLES.items():
                changed = [code for number in range(9) if (code := mutate_code(source, operator(), number))]
                assert changed == expected, f"{operator.__name__} makes {changed} of {source!r}"
        super().__init__({operator.__name__: operator for operator in operators})
