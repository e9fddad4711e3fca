"""A client's SELECT: what it names, and the same statement with names of ours in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pglast import ast, enums, parse_sql
from pglast.parser import ParseError
from pglast.stream import RawStream

from . import allowed

_LONGEST = 20_000  # characters
_DEEPEST = 150  # nodes within each other
_SCHEMA, _CATALOG = "public", "pg_catalog"
_PLACE, _OURS = "dgatier_{}", re.compile(r"dgatier_[0-9]+")


class Refused(ValueError):
    """The statement is no single SELECT of what is allowed; names the part, and no value in it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A checked SELECT, written anew from its tree.

    In `text` each name of a table, and of a part that a WITH names, is replaced by a name of ours,
    so that it can mean nothing else in the database. `tables` and `parts` have ours by the
    client's. A name that the statement gives to a part of its own is never a table.
    """

    text: str
    tables: Mapping[str, str]
    parts: Mapping[str, str]

    def as_the_client_names(self, words: str) -> str:
        """Return a message of PostgreSQL with the client's names where it has ours."""
        theirs = {place: name for name, place in (*self.tables.items(), *self.parts.items())}
        return _OURS.sub(lambda found: theirs.get(found[0], found[0]), words)


def read(text: str) -> Statement:
    """Return a client's statement, checked; raises `Refused`."""
    tree = _parsed(text)
    try:
        nodes = list(_within(tree, 0))
        for node in nodes:
            _check(node)
        tables, parts = _rename(nodes)
        written = RawStream()(tree)
        # What PostgreSQL will read is what was checked, whatever was made of it on the way.
        if _parsed(written) != tree:
            raise Refused("what cannot be written in another way")
    except RecursionError:
        raise Refused("nesting as deep as this") from None
    return Statement(written, tables, parts)


def _parsed(text: str) -> ast.SelectStmt:
    if len(text) > _LONGEST or "\0" in text:
        raise Refused(f"more than {_LONGEST:,} characters")
    try:
        statements = parse_sql(text)
    except ParseError:
        raise Refused("what PostgreSQL cannot read") from None
    if len(statements) != 1 or not isinstance(statements[0].stmt, ast.SelectStmt):
        raise Refused("anything but one SELECT")
    return statements[0].stmt


def _within(value: Any, depth: int) -> Iterator[ast.Node]:
    """Yield every node of a tree."""
    if depth > _DEEPEST:
        raise Refused("nesting as deep as this")
    if isinstance(value, tuple):
        for one in value:
            yield from _within(one, depth)
    elif isinstance(value, ast.Node):
        yield value
        for name in value:
            yield from _within(getattr(value, name), depth + 1)


def _check(node: ast.Node) -> None:
    """Raise `Refused` unless a node may stand in a statement; looks at no node below it."""
    kind = type(node).__name__
    if kind not in allowed.NODES:
        raise Refused(kind)
    match node:
        case ast.RangeVar():
            _check_name_of_table(node)
        case ast.FuncCall():
            _expect(allowed.FUNCTIONS, node.funcname, "the function")
        case ast.A_Expr():
            _expect(allowed.OPERATORS, node.name, "the operator")
        case ast.SubLink() if node.operName:
            _expect(allowed.OPERATORS, node.operName, "the operator")
        case ast.TypeName():
            _expect(allowed.TYPES, node.names, "the type")
        case ast.SQLValueFunction(op=int(op)):
            name = enums.SQLValueFunctionOp(op).name.removeprefix("SVFOP_")
            if name not in allowed.VALUE_FUNCTIONS:
                raise Refused(name)
    if unusual := _unusual(node):
        raise Refused(unusual)


def _unusual(node: ast.Node) -> str | None:
    """Return what of an allowed node's own parts is not allowed."""
    match node:
        case ast.ColumnRef() if len(node.fields or ()) > 2:
            return "the name of a column with more than its table before it"
        case ast.A_Indirection() if any(
            not isinstance(one, ast.A_Indices) for one in node.indirection or ()
        ):
            # PostgreSQL takes (value).name for a call of the function of that name.
            return "a name behind a value in brackets"
        case ast.ResTarget() if node.indirection:
            return "a target with a part"
        case ast.SortBy() if node.useOp:
            return "ORDER BY … USING"
        case ast.TypeName() if node.setof or node.pct_type:
            return "a type by reference"
    return None


def _check_name_of_table(node: ast.RangeVar) -> None:
    if node.catalogname or node.schemaname not in (None, _SCHEMA):
        raise Refused("a table of another schema")
    if not node.inh:
        raise Refused("ONLY")


def _expect(names: frozenset[str], parts: Any, what: str) -> None:
    """Raise `Refused` unless a name is one of these, of PostgreSQL's own or without a schema."""
    given = [part.sval for part in parts]
    if given[-1] not in names or given[:-1] not in ([], [_CATALOG]):
        raise Refused(f"{what} {'.'.join(given)}")


def _rename(nodes: list[ast.Node]) -> tuple[dict[str, str], dict[str, str]]:
    """Give tables and parts names of ours; return those of either by the client's."""
    named: list[Any] = [node for node in nodes if isinstance(node, ast.RangeVar)]
    parts: list[Any] = [node for node in nodes if isinstance(node, ast.CommonTableExpr)]
    own = {part.ctename for part in parts}
    known = dict.fromkeys([part.ctename for part in parts] + [one.relname for one in named])
    ours = {str(name): _PLACE.format(number) for number, name in enumerate(known)}
    for part in parts:
        part.ctename = ours[part.ctename]
    for one in named:
        one.alias = one.alias or ast.Alias(aliasname=one.relname)
        one.schemaname, one.relname = None, ours[one.relname]
    tables = {name: place for name, place in ours.items() if name not in own}
    return tables, {name: place for name, place in ours.items() if name in own}
