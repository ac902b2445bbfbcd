"""Takes out of a Python statement what Python doesn't need to run it, and changes nothing else."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

Position = tuple[int, int]

# Two words need a blank between them; so do a text and the word next to it.
_WORD_END, _WORD_START = re.compile(r"[\w'\"]$"), re.compile(r"[\w'\"]")
# From Python 3.12 on an f-string is many tokens (PEP 701).
_F_STRING_START = getattr(tokenize, "FSTRING_START", -1)
_F_STRING_END = getattr(tokenize, "FSTRING_END", -1)


class NotAScript(Exception):
    """The source has something in it that can't be put into a document."""


def compact(source: str) -> str:
    """The statement without comments, docstrings, annotations and needless blanks, ended by a newline."""
    text = "".join(_lines(_kept(source))) + "\n"
    if ast.dump(ast.parse(text)) != ast.dump(_Bare().visit(ast.parse(source))):
        raise NotAScript(f"can't be made compact:\n{source}")
    return text


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: int
    text: str
    start: Position


def _kept(source: str) -> Iterator[_Piece]:
    cuts = list(_cuts(ast.parse(source)))
    for piece in _pieces(source):
        cut = next((each for each in cuts if each.start <= piece.start < each.end), None)
        if piece.kind in (tokenize.NL, tokenize.COMMENT):
            continue
        if cut is None and piece.text != "->":
            yield piece
        elif cut is not None and cut.start == piece.start and cut.instead:
            yield _Piece(tokenize.NAME, cut.instead, piece.start)


def _pieces(source: str) -> Iterator[_Piece]:
    """The tokens, with each f-string whole."""
    lines = source.splitlines(keepends=True)
    depth, start = 0, (0, 0)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == _F_STRING_START:
            start = start if depth else token.start
            depth += 1
        if not depth:
            yield _Piece(token.type, token.string, token.start)
        if token.type == _F_STRING_END:
            depth -= 1
            if not depth:
                yield _Piece(tokenize.STRING, lines[start[0] - 1][start[1] : token.end[1]], start)


def _lines(pieces: Iterator[_Piece]) -> Iterator[str]:
    depth, last, is_first = 0, "", True
    for piece, following in pairwise((*pieces, _Piece(tokenize.ENDMARKER, "", (0, 0)))):
        if piece.text == "," and following.text in ("]", "}"):
            continue
        match piece.kind:
            case tokenize.INDENT:
                depth += 1
            case tokenize.DEDENT:
                depth -= 1
            case tokenize.NEWLINE:
                last = ""
            case tokenize.ENDMARKER:
                pass
            case _:
                text = _single_quoted(piece.text) if piece.kind == tokenize.STRING else piece.text
                if not last:
                    yield ("" if is_first else "\n") + " " * depth
                elif _WORD_END.search(last) and _WORD_START.match(text):
                    yield " "
                yield text
                last, is_first = text, False


def _single_quoted(text: str) -> str:
    """A double quote takes two bytes in JSON."""
    prefix, quote, body = re.fullmatch(r"([a-z]*)([\"'])(.*)\2", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if quote == '"' and not re.search(r"['\\\"]", body):
        return f"{prefix}'{body}'"
    return text


@dataclass(frozen=True, slots=True)
class _Cut:
    start: Position
    end: Position
    instead: str = ""


def _cuts(tree: ast.Module) -> Iterator[_Cut]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(body=body, returns=returns):
                yield from _docstring(body)
                if returns is not None:
                    yield _Cut(_start(returns), _end(returns))
            case ast.ClassDef(body=body):
                yield from _docstring(body)
            case ast.arg(annotation=ast.expr() as annotation):
                yield _Cut((node.lineno, node.col_offset + len(node.arg)), _end(annotation))
            case ast.AnnAssign(target=target, annotation=annotation):
                yield _Cut(_end(target), _end(annotation))


def _docstring(body: list[ast.stmt]) -> Iterator[_Cut]:
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        yield _Cut(_start(body[0]), _end(body[0]), "" if body[1:] else "pass")


def _start(node: ast.expr | ast.stmt) -> Position:
    return node.lineno, node.col_offset


def _end(node: ast.expr | ast.stmt) -> Position:
    return node.end_lineno or 0, node.end_col_offset or 0


class _Bare(ast.NodeTransformer):
    """The tree that is to be left: no docstrings, no annotations."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        node.body = self._body(node.body)
        self.generic_visit(node)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        node.body = self._body(node.body)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        if node.value is None:
            raise NotAScript("a variable is declared without a value")
        return ast.Assign([node.target], node.value)

    @staticmethod
    def _body(body: list[ast.stmt]) -> list[ast.stmt]:
        return (body[1:] or [ast.Pass()]) if list(_docstring(body)) else body
