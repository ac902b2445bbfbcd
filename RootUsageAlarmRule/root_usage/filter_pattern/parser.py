"""Filter patterns: text -> tree.

The grammar stands in the functions, a production each. What AWS doesn't document is a syntax error,
though AWS may well take it: a pattern whose meaning is a guess can't be proof of anything. The
caller, who knows that AWS accepted the pattern, reports such an error as undecided.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

from ..text.tokenizer import BLANKS, Token, Tokenizer
from .junctions import Grammar, parse_junctions
from .regex import parse_regex
from .syntax import (
    And,
    AnyElement,
    AnyMember,
    Comparison,
    Condition,
    Constant,
    Element,
    Expression,
    FilterPattern,
    IpGlob,
    Is,
    JsonPattern,
    Member,
    NotExists,
    Number,
    Operand,
    Operator,
    Or,
    Regex,
    RegexPattern,
    Selector,
    SelectorStep,
    SpaceDelimitedPattern,
    Text,
    UnstructuredPattern,
)
from .syntax_error import PatternSyntaxError

MAX_LENGTH = 1024
MAX_REGEXES = 2
MAX_WILDCARDS = 3
"""Wildcard selectors in a pattern; one selector has at most one."""

_RULES = {
    name: re.compile(rule, re.DOTALL)
    for name, rule in {
        "open brace": r"\{",
        "close brace": r"\}",
        "open": r"\(",
        "close": r"\)",
        "and": r"&&",
        "or": r"\|\|",
        "end": r"\}|\Z",
        # selectors
        "dollar": r"\$",
        "member": r"\.[A-Za-z0-9_-]+",
        "any member": r"\.\*",
        "quoted member": r"\.\['[^']+'\]",
        "element": r"\[[0-9]{1,9}\]",
        "any element": r"\[\*\]",
        # comparisons
        "operator": r"!=|<=|>=|=(?!=)|<(?!>)|>",
        "keyword": r"[A-Za-z]+(?![A-Za-z0-9_])",
        "exists": r"EXISTS(?![A-Za-z0-9_])",
        "constant": r"(NULL|TRUE|FALSE)(?![A-Za-z0-9_])",
        # operands
        "quoted": r'"[^"\\]*"',
        "regex": r"%[^%]*%",
        "unquoted": r"[^\s(){}&|=<>!%\"']+",
        # unstructured patterns
        "sign": r"[-?]",
        "term": r"[A-Za-z0-9_]+(?!\S)",
        "phrase": r'"[^"\\]*"(?!\S)',
        # mistakes that get a hint of their own
        "step": r"[.\[]",
        "double equals": r"==",
        "not": r"(?i:not)\b",
        "negation": r"!|(?i:not)\b",
        "single quote": r"'",
        "double quote": r'"',
        "escaped": r'"[^"]*\\',
        "per cent": r"%",
        "word for and": r"(?i:and)\b|&",
        "word for or": r"(?i:or)\b|\|",
    }.items()
}

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?(?P<exponent>[0-9]+))?")
_IP_GLOB = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}|([0-9]{1,3}\.){1,3}\*|[0-9]{1,3}(\.[0-9]{1,3}){1,3}\*")
MAX_EXPONENT_DIGITS = 4
"""AWS names no limit; without one a dozen characters make a number that can't be held."""

# AWS asks for letters, digits and the underscore, and writes `$.eventSource=kms.amazonaws.com` in the
# patterns that Security Hub's CloudWatch controls want: so the period, too, inside a string that can't
# be taken for a number. https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
_UNQUOTED = re.compile(r"[A-Za-z0-9_*]+|[A-Za-z_*][A-Za-z0-9_.*]*[A-Za-z0-9_*]")


def parse_filter_pattern(text: str) -> FilterPattern:
    """The tree of a filter pattern; raises PatternSyntaxError.

    pattern := json | space_delimited | regex_alone | unstructured      the first character decides
    """
    if len(text) > MAX_LENGTH:
        message = f"expected at most {MAX_LENGTH:,} characters, AWS's limit; these are {len(text):,}"
        raise PatternSyntaxError(message, text, (MAX_LENGTH, len(text)))
    tokens = Tokenizer(text, _RULES, PatternSyntaxError)
    # White space around the braces is free: a Terraform heredoc ends in a line break, and AWS takes it.
    match text.strip(BLANKS)[:1]:
        case "{":
            return _JsonParser(tokens).pattern()
        case "[":
            return _space_delimited(tokens, text.strip(BLANKS))
        case "%":
            return _regex_alone(tokens)
        case _:
            return _unstructured(tokens)


class _JsonParser:
    def __init__(self, tokens: Tokenizer) -> None:
        self._tokens = tokens
        self._regexes = 0
        self._wildcards = 0

    def pattern(self) -> JsonPattern:
        """json := "{" expr "}"
        expr := and ( "||" and )*
        and  := unit ( "&&" unit )*
        unit := "(" expr ")" | condition
        """
        tokens = self._tokens
        tokens.expect("open brace", "expected `{`")
        grammar: Grammar[Expression] = Grammar(
            and_rule="and",
            or_rule="or",
            condition=self._condition,
            fail_at_junction=self._fail_at_junction,
            make_and=_conjunction,
            make_or=_disjunction,
            and_binds_tighter=True,
        )
        expression = parse_junctions(tokens, grammar)
        if tokens.is_at_end:
            tokens.fail("expected `}` at the end of the pattern")
        if not tokens.accept("close brace"):
            self._fail_at_junction()
        if not tokens.is_at_end:
            tokens.fail("expected nothing after the closing `}`")
        return JsonPattern(expression)

    def _condition(self) -> Condition:
        """condition := selector ( operator operand | "IS" constant | "NOT" "EXISTS" )"""
        if not self._tokens.sees("dollar"):
            self._fail_at_condition()
        selector = self._selector()
        if operator := self._tokens.accept("operator"):
            return Comparison(selector, Operator(operator.text), self._operand(Operator(operator.text)))
        keyword = self._tokens.accept("keyword")
        if keyword and keyword.text == "IS":
            return Is(selector, self._constant())
        if keyword and keyword.text == "NOT":
            self._tokens.expect("exists", "expected `EXISTS` after `NOT`")
            return NotExists(selector)
        return self._fail_at_operator(keyword)

    def _constant(self) -> Constant:
        """constant := "NULL" | "TRUE" | "FALSE" """
        if self._tokens.sees("not"):
            self._tokens.fail("expected `NULL`, `TRUE` or `FALSE`: AWS has no `IS NOT`")
        token = self._tokens.expect(
            "constant", "expected `NULL`, `TRUE` or `FALSE` after `IS`, in upper case"
        )
        return Constant(token.text)

    # -- selectors

    def _selector(self) -> Selector:
        """selector := "$" step+          at most one step is a wildcard"""
        start = self._tokens.expect("dollar", "expected `$`", skip_blanks=False).span[0]
        steps: list[SelectorStep] = []
        while step := self._step(is_first=not steps):
            steps.append(step)
        span = (start, self._tokens.position)
        if not steps or self._tokens.sees("step"):
            self._tokens.fail(
                "expected a step: `.name`, `.['any key']`, `.*` or, after a name, `[0]` or `[*]`"
            )
        self._count_wildcards(steps, span)
        if self._tokens.sees("keyword"):
            self._tokens.fail("expected white space before the keyword")
        self._tokens.skip_blanks()
        return Selector(tuple(steps))

    def _step(self, *, is_first: bool) -> SelectorStep | None:
        """step := "." name | ".*" | ".['" key "']" | "[" digits "]" | "[*]"     the first is no index
        name := [A-Za-z0-9_-]+
        """
        tokens = self._tokens
        if token := tokens.accept("member", skip_blanks=False):
            return Member(token.text[1:])
        if token := tokens.accept("quoted member", skip_blanks=False):
            return Member(token.text[3:-2])
        if tokens.accept("any member", skip_blanks=False):
            return AnyMember()
        if is_first:
            return None
        if token := tokens.accept("element", skip_blanks=False):
            return Element(int(token.text[1:-1]))
        return AnyElement() if tokens.accept("any element", skip_blanks=False) else None

    def _count_wildcards(self, steps: Sequence[SelectorStep], span: tuple[int, int]) -> None:
        wildcards = sum(isinstance(step, AnyElement | AnyMember) for step in steps)
        self._wildcards += wildcards
        if wildcards > 1:
            self._tokens.fail("expected at most one wildcard in a selector, AWS's limit", span)
        if self._wildcards > MAX_WILDCARDS:
            self._tokens.fail(f"expected at most {MAX_WILDCARDS} wildcard selectors, AWS's limit", span)

    # -- operands

    def _operand(self, operator: Operator) -> Operand:
        """operand := number | ip_glob | text | "%" regex "%"     after `<` `<=` `>` `>=` a number only"""
        start = self._tokens.position
        operand = self._any_operand()
        if operator not in (Operator.EQUAL, Operator.NOT_EQUAL) and not isinstance(operand, Number):
            written = self._tokens.source[start : self._tokens.position].rstrip(BLANKS)
            self._tokens.fail(f"expected a number after `{operator.value}`", (start, start + len(written)))
        return operand

    def _any_operand(self) -> Operand:
        if token := self._tokens.accept("quoted"):
            return Text(token.text[1:-1], is_quoted=True)
        if token := self._tokens.accept("regex"):
            return self._regex(token)
        if token := self._tokens.accept("unquoted"):
            return self._unquoted(token)
        return self._fail_at_operand()

    def _unquoted(self, token: Token) -> Operand:
        """number  := [+-]? digits ( "." digits )? ( [eE] [+-]? digits )?
        ip_glob := an IPv4 address, or the beginning of one and "*"
        text    := quoted | letters, digits, "_" and, not at the ends, "."; "*" anywhere
        """
        if number := _NUMBER.fullmatch(token.text):
            if len(number["exponent"] or "") > MAX_EXPONENT_DIGITS:
                self._tokens.fail(f"expected an exponent of at most {MAX_EXPONENT_DIGITS} digits", token.span)
            return Number(token.text)
        if _IP_GLOB.fullmatch(token.text):
            return IpGlob(token.text)
        if _UNQUOTED.fullmatch(token.text):
            return Text(token.text, is_quoted=False)
        message = "expected a number, an IPv4 address or a plain word; put other strings in double quotes"
        return self._tokens.fail(message, token.span)

    def _regex(self, token: Token) -> Regex:
        """regex := see the module `regex`          at most two in a pattern"""
        self._regexes += 1
        if self._regexes > MAX_REGEXES:
            self._tokens.fail(f"expected at most {MAX_REGEXES} regexes in a pattern, AWS's limit", token.span)
        return _checked_regex(self._tokens, token)

    # -- what people get wrong

    def _fail_at_condition(self) -> NoReturn:
        if self._tokens.sees("negation"):
            self._tokens.fail("expected a selector: AWS has no negation, only `!=` and `NOT EXISTS`")
        self._tokens.fail("expected a condition, which begins with a selector such as `$.eventName`")

    def _fail_at_operator(self, keyword: Token | None) -> NoReturn:
        operators = "`=`, `!=`, `<`, `<=`, `>`, `>=`, `IS` or `NOT EXISTS`"
        if keyword is None:
            hint = ": filter patterns have no `==`" if self._tokens.sees("double equals") else ""
            self._tokens.fail(f"expected {operators}{hint}")
        match keyword.text:
            case "EXISTS":
                hint = ": AWS has no `EXISTS`, write `= *`"
            case word if word.upper() in ("IS", "NOT", "EXISTS"):
                hint = ": keywords are in upper case"
            case _:
                hint = ""
        self._tokens.fail(f"expected {operators}{hint}", keyword.span)

    def _fail_at_operand(self) -> NoReturn:
        tokens = self._tokens
        if tokens.sees("single quote"):
            tokens.fail("expected a string in double quotes: AWS rejects single ones")
        if tokens.sees("escaped"):
            tokens.fail("expected a string without backslashes: AWS documents no escapes")
        if tokens.sees("double quote"):
            tokens.fail('expected a closing `"`', (tokens.position, len(tokens.source)))
        if tokens.sees("per cent"):
            tokens.fail("expected a closing `%`", (tokens.position, len(tokens.source)))
        tokens.fail("expected a string, a number, an IPv4 address or a %regex%")

    def _fail_at_junction(self) -> NoReturn:
        tokens = self._tokens
        if tokens.sees("word for and"):
            tokens.fail("expected `&&`, the only way to write AND")
        if tokens.sees("word for or"):
            tokens.fail("expected `||`, the only way to write OR")
        if tokens.sees("close"):
            tokens.fail("expected `&&`, `||` or `}`: no parenthesis is open here")
        tokens.fail("expected `&&`, `||`, `)` or `}`")


def _conjunction(parts: Sequence[Expression]) -> Expression:
    flat = [leaf for part in parts for leaf in (part.parts if isinstance(part, And) else (part,))]
    return And(tuple(flat)) if len(flat) > 1 else flat[0]


def _disjunction(parts: Sequence[Expression]) -> Expression:
    flat = [leaf for part in parts for leaf in (part.parts if isinstance(part, Or) else (part,))]
    return Or(tuple(flat)) if len(flat) > 1 else flat[0]


def _checked_regex(tokens: Tokenizer, token: Token) -> Regex:
    source = token.text[1:-1]
    try:
        parse_regex(source)
    except PatternSyntaxError as error:
        raise error.moved_into(tokens.source, token.span[0] + 1) from None
    return Regex(source)


# -- patterns for other than JSON ----------------------------------------------------------------


def _space_delimited(tokens: Tokenizer, stripped: str) -> SpaceDelimitedPattern:
    """space_delimited := "[" anything "]" """
    if not stripped.endswith("]"):
        tokens.fail("expected `]` at the end of the pattern", (len(tokens.source), len(tokens.source) + 1))
    return SpaceDelimitedPattern(stripped)


def _regex_alone(tokens: Tokenizer) -> RegexPattern:
    """regex_alone := "%" regex "%" """
    token = tokens.expect("regex", "expected a closing `%`")
    if not tokens.is_at_end:
        tokens.fail("expected nothing after the regex: AWS documents it alone or inside `{ }`")
    return RegexPattern(_checked_regex(tokens, token))


def _unstructured(tokens: Tokenizer) -> UnstructuredPattern:
    """unstructured := ( [-?]? ( term | phrase ) )*          `" "` alone matches everything"""
    if tokens.source.strip(BLANKS) == '" "':
        return UnstructuredPattern()
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    while not tokens.is_at_end:
        sign = tokens.accept("sign", skip_blanks=False)
        terms[sign.text if sign else ""].append(_term(tokens))
    return UnstructuredPattern(tuple(terms[""]), tuple(terms["?"]), tuple(terms["-"]))


def _term(tokens: Tokenizer) -> str:
    """term := [A-Za-z0-9_]+ ; phrase := a double-quoted string"""
    if token := tokens.accept("term"):
        return token.text
    if token := tokens.accept("phrase"):
        return token.text[1:-1]
    return tokens.fail(
        'expected a term of letters, digits and `_`; put others in double quotes, `"like this"`'
    )
