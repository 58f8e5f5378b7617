"""Where in a module a change says nothing about its behaviour, and how a change is named so that it is found again."""

import ast
import difflib
import io
import tokenize
from collections.abc import Iterator
from itertools import pairwise

type Position = tuple[int, int]
type Span = tuple[Position, Position]

# What is written to the log alone: its words are nobody's promise.
_LOG = "logger"


def find_noise(source: str) -> list[Span]:
    """List the spans, as parso counts lines and columns, of what no test can or should hold.

    Annotations and aliases of types are never run, decorators make plain values of classes, log lines are words, and
    the lone star of a signature says how calls are written, to which mypy holds them.
    """
    lines = source.splitlines()
    return [*(_span_of(node, lines) for node in _noisy_nodes(ast.parse(source))), *_find_lone_stars(source)]


def _noisy_nodes(tree: ast.AST) -> Iterator[ast.expr | ast.stmt | ast.type_param]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(returns=returns, decorator_list=decorators, type_params=type_params):
                yield from decorators
                yield from type_params
                if returns:
                    yield returns
            case ast.ClassDef(decorator_list=decorators, type_params=type_params):
                yield from decorators
                yield from type_params
            case ast.arg(annotation=annotation) if annotation:
                yield annotation
            case ast.AnnAssign(annotation=annotation):
                yield annotation
            case ast.TypeAlias():
                yield node
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))) if name == _LOG:
                yield node


def _find_lone_stars(source: str) -> Iterator[Span]:
    for token, following in pairwise(tokenize.generate_tokens(io.StringIO(source).readline)):
        if (token.string, following.string) == ("*", ","):
            yield token.start, token.end


def _span_of(node: ast.expr | ast.stmt | ast.type_param, lines: list[str]) -> Span:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (
        (node.lineno, _count_characters(lines[node.lineno - 1], node.col_offset)),
        (node.end_lineno, _count_characters(lines[node.end_lineno - 1], node.end_col_offset)),
    )


def _count_characters(line: str, in_bytes: int) -> int:
    # The compiler counts bytes, parso characters.
    return len(line.encode()[:in_bytes].decode())


def is_within(start: Position, end: Position, spans: list[Span]) -> bool:
    """Tell whether a piece of the source, or the `@` before it, lies in one of the spans."""
    line, column = start
    return any(begin <= (line, column + 1) and end <= until for begin, until in spans)


def name_function(source: str, line: int) -> str:
    """Name the innermost function or class that a line is in, with those around it; "" for the module's own lines."""
    names: list[str] = []
    scope: ast.AST = ast.parse(source)
    while inner := next((node for node in _definitions(scope) if node.lineno <= line <= (node.end_lineno or 0)), None):
        names.append(inner.name)
        scope = inner
    return ".".join(names)


def _definitions(scope: ast.AST) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node
        else:
            yield from _definitions(node)


def compare_lines(source: str, changed: str) -> tuple[str, str]:
    """Give the lines that differ, before and after, each side as one line without indentation."""
    before, after = source.splitlines(), changed.splitlines()
    was, becomes = [], []
    for tag, from_line, to_line, from_changed, to_changed in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if tag != "equal":
            was += before[from_line:to_line]
            becomes += after[from_changed:to_changed]
    return _join(was), _join(becomes)


def _join(lines: list[str]) -> str:
    return " ".join(" ".join(line.split()) for line in lines)
