"""The grammar of filter patterns, production by production, and its syntax errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_usage.filter_pattern import (
    FilterPattern,
    PatternSyntaxError,
    format_filter_pattern,
    parse_filter_pattern,
)
from root_usage.filter_pattern.syntax import (
    And,
    AnyElement,
    AnyMember,
    Comparison,
    Constant,
    Element,
    Expression,
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

from tests.filter_pattern.stack import with_little_stack_left
from tests.filter_pattern.strategies import filter_patterns


def select(*names: str) -> Selector:
    return Selector(tuple(map(Member, names)))


def equal(name: str, operand: Operand) -> Comparison:
    return Comparison(select(name), Operator.EQUAL, operand)


A = equal("a", Number("1"))
B = equal("b", Number("2"))
C = equal("c", Number("3"))
D = equal("d", Number("4"))


def expression_of(text: str) -> Expression:
    pattern = parse_filter_pattern(text)
    assert isinstance(pattern, JsonPattern)
    return pattern.expression


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        pytest.param("$.eventType", [Member("eventType")], id="name"),
        pytest.param("$.a-b_1", [Member("a-b_1")], id="hyphen-underscore-digit"),
        pytest.param("$.0", [Member("0")], id="digits-for-a-name"),
        pytest.param("$.IS", [Member("IS")], id="keyword-for-a-name"),
        pytest.param("$.user.email", [Member("user"), Member("email")], id="nested"),
        pytest.param("$.users[0].email", [Member("users"), Element(0), Member("email")], id="index"),
        pytest.param(
            "$.coordinates[0][1]", [Member("coordinates"), Element(0), Element(1)], id="index-of-index"
        ),
        pytest.param("$.arrayKey[*]", [Member("arrayKey"), AnyElement()], id="any-element"),
        pytest.param("$.*", [AnyMember()], id="any-member"),
        pytest.param("$.userIdentity.*", [Member("userIdentity"), AnyMember()], id="any-member-of-a-member"),
        pytest.param("$.*[0]", [AnyMember(), Element(0)], id="index-after-any-member"),
        pytest.param("$.['cluster.name']", [Member("cluster.name")], id="key-with-a-period"),
        pytest.param("$.a.['b/c d:\"é'].e", [Member("a"), Member('b/c d:"é'), Member("e")], id="any-key"),
        pytest.param("$.['a'][2]", [Member("a"), Element(2)], id="index-after-a-key"),
    ],
)
def test_selector(text: str, steps: list[SelectorStep]) -> None:
    assert NotExists(Selector(tuple(steps))) == expression_of(f"{{ {text} NOT EXISTS }}")


@pytest.mark.parametrize(
    ("text", "operand"),
    [
        pytest.param('"UpdateTrail"', Text("UpdateTrail", is_quoted=True), id="quoted"),
        pytest.param('""', Text("", is_quoted=True), id="empty"),
        pytest.param(
            "\"a 'b' {}()&&|| %c%\"", Text("a 'b' {}()&&|| %c%", is_quoted=True), id="anything-in-quotes"
        ),
        pytest.param('"1"', Text("1", is_quoted=True), id="quoted-digits-are-text"),
        pytest.param('"*@example.com"', Text("*@example.com", is_quoted=True), id="quoted-wildcard"),
        pytest.param("Root", Text("Root", is_quoted=False), id="unquoted"),
        pytest.param("Delete_Trail2", Text("Delete_Trail2", is_quoted=False), id="unquoted-with-underscore"),
        pytest.param("1a", Text("1a", is_quoted=False), id="unquoted-beginning-with-a-digit"),
        pytest.param("true", Text("true", is_quoted=False), id="an-unquoted-word-is-text"),
        pytest.param(
            "kms.amazonaws.com", Text("kms.amazonaws.com", is_quoted=False), id="unquoted-as-in-security-hub"
        ),
        pytest.param("*", Text("*", is_quoted=False), id="asterisk"),
        pytest.param("*UnauthorizedOperation", Text("*UnauthorizedOperation", is_quoted=False), id="leading"),
        pytest.param("AccessDenied*", Text("AccessDenied*", is_quoted=False), id="trailing"),
        pytest.param("*html*", Text("*html*", is_quoted=False), id="both-ends"),
        pytest.param("Ev*ent", Text("Ev*ent", is_quoted=False), id="in-the-middle"),
        pytest.param("4*", Text("4*", is_quoted=False), id="number-wildcard"),
        pytest.param("400", Number("400"), id="integer"),
        pytest.param("+3", Number("+3"), id="plus"),
        pytest.param("-1.50", Number("-1.50"), id="minus-and-decimals"),
        pytest.param("10e3", Number("10e3"), id="exponent"),
        pytest.param("1e+3", Number("1e+3"), id="exponent-with-plus"),
        pytest.param("1E-3", Number("1E-3"), id="exponent-with-minus"),
        pytest.param("111122223333", Number("111122223333"), id="an-unquoted-account-id-is-a-number"),
        pytest.param("123.123.*", IpGlob("123.123.*"), id="ip-glob"),
        pytest.param("10.*", IpGlob("10.*"), id="ip-glob-of-one-part"),
        pytest.param("10.0.1*", IpGlob("10.0.1*"), id="ip-glob-within-a-part"),
        pytest.param("192.0.2.1", IpGlob("192.0.2.1"), id="ip-address"),
        pytest.param("%Trail%", Regex("Trail"), id="regex"),
        pytest.param(
            r"%111\.111\.111\.1[0-9]{1,2}%", Regex(r"111\.111\.111\.1[0-9]{1,2}"), id="regex-with-operators"
        ),
    ],
)
def test_operand(text: str, operand: Operand) -> None:
    expected = Comparison(select("a"), Operator.NOT_EQUAL, operand)

    assert expected == expression_of(f"{{ $.a != {text} }}")


@pytest.mark.parametrize("operator", Operator, ids=lambda operator: operator.name)
def test_operator(operator: Operator) -> None:
    expected = Comparison(select("a"), operator, Number("75"))

    assert expected == expression_of(f"{{ $.a {operator.value} 75 }}")


@pytest.mark.parametrize("constant", Constant, ids=lambda constant: constant.name)
def test_is(constant: Constant) -> None:
    assert Is(select("SomeObject"), constant) == expression_of(f"{{ $.SomeObject IS {constant.value} }}")


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        pytest.param("{$.a=1}", A, id="no-white-space"),
        pytest.param(" {\t$.a\n=\r\n 1 } \n", A, id="white-space-everywhere"),
        pytest.param("{ $.a NOT \n EXISTS }", NotExists(select("a")), id="white-space-in-not-exists"),
        pytest.param("{ (($.a = 1)) }", A, id="superfluous-parentheses"),
        pytest.param("{ $.a = 1 && $.b = 2 && $.c = 3 }", And((A, B, C)), id="and"),
        pytest.param("{ $.a = 1 || $.b = 2 || $.c = 3 }", Or((A, B, C)), id="or"),
        pytest.param("{ $.a = 1 || $.b = 2 && $.c = 3 }", Or((A, And((B, C)))), id="and-binds-tighter"),
        pytest.param(
            "{$.a=1&&$.b=2||$.c=3&&$.d=4}",
            Or((And((A, B)), And((C, D)))),
            id="and-binds-tighter-on-both-sides",
        ),
        pytest.param(
            "{ ($.a = 1 || $.b = 2) && $.c = 3 }", And((Or((A, B)), C)), id="parentheses-bind-tightest"
        ),
        pytest.param("{ $.a = 1 && ($.b = 2 && $.c = 3) }", And((A, B, C)), id="nested-and-is-one"),
        pytest.param("{ ($.a = 1 || $.b = 2) || $.c = 3 }", Or((A, B, C)), id="nested-or-is-one"),
        pytest.param(
            "{ ($.a = 1 && ($.b = 2 || ($.c = 3 && $.d = 4))) }",
            And((A, Or((B, And((C, D)))))),
            id="nesting-that-stays",
        ),
    ],
)
def test_expression(text: str, expression: Expression) -> None:
    assert expression == expression_of(text)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        pytest.param("", UnstructuredPattern(), id="empty"),
        pytest.param(" ", UnstructuredPattern(), id="blank"),
        pytest.param('" "', UnstructuredPattern(), id="quoted-blank-matches-everything"),
        pytest.param("ERROR", UnstructuredPattern(required=("ERROR",)), id="term"),
        pytest.param("ERROR ARGUMENTS", UnstructuredPattern(required=("ERROR", "ARGUMENTS")), id="terms"),
        pytest.param(
            '"INTERNAL SERVER ERROR"', UnstructuredPattern(required=("INTERNAL SERVER ERROR",)), id="phrase"
        ),
        pytest.param(
            '?ERROR ?"a b"', UnstructuredPattern(optional=("ERROR", "a b")), id="optional-term-and-phrase"
        ),
        pytest.param(
            'ERROR -ARGUMENTS -"a b"',
            UnstructuredPattern(required=("ERROR",), excluded=("ARGUMENTS", "a b")),
            id="excluded-term-and-phrase",
        ),
        pytest.param(
            "?ERROR REQUEST",
            UnstructuredPattern(required=("REQUEST",), optional=("ERROR",)),
            id="optional-with-others",
        ),
        pytest.param("%AUTHORIZED%", RegexPattern(Regex("AUTHORIZED")), id="regex-alone"),
        pytest.param("[w1=ERROR, w2]", SpaceDelimitedPattern("[w1=ERROR, w2]"), id="space-delimited"),
    ],
)
def test_patterns_for_other_than_json(text: str, pattern: FilterPattern) -> None:
    assert pattern == parse_filter_pattern(text)


OPERATORS = "expected `=`, `!=`, `<`, `<=`, `>`, `>=`, `IS` or `NOT EXISTS`"
STEP = "expected a step: `.name`, `.['any key']`, `.*` or, after a name, `[0]` or `[*]`"
PLAIN_WORD = "expected a number, an IPv4 address or a plain word; put other strings in double quotes"


# `^` in the second column stands under the place, as in the printed message.
@pytest.mark.parametrize(
    ("text", "marker", "message"),
    [
        pytest.param(
            "{ }",
            "  ^",
            "expected a condition, which begins with a selector such as `$.eventName`",
            id="empty",
        ),
        pytest.param(
            "{ eventName = 1 }",
            "  ^~~~~~~~~",
            "expected a condition, which begins with a selector such as `$.eventName`",
            id="selector-without-dollar",
        ),
        pytest.param(
            "{ !($.a = 1) }",
            "  ^",
            "expected a selector: AWS has no negation, only `!=` and `NOT EXISTS`",
            id="negation",
        ),
        pytest.param(
            "{ NOT $.a = 1 }",
            "  ^~~",
            "expected a selector: AWS has no negation, only `!=` and `NOT EXISTS`",
            id="negation-in-words",
        ),
        pytest.param("{ $ = 1 }", "   ^", STEP, id="bare-dollar"),
        pytest.param("{ $[0] = 1 }", "   ^", STEP, id="index-without-a-name"),
        pytest.param("{ $['a'] = 1 }", "   ^", STEP, id="brackets-without-a-period"),
        pytest.param('{ $.["a"] = 1 }', "   ^", STEP, id="double-quoted-key"),
        pytest.param("{ $..a = 1 }", "   ^~~", STEP, id="recursive-descent"),
        pytest.param("{ $.a[0:2] = 1 }", "     ^", STEP, id="slice"),
        pytest.param("{ $.a[-1] = 1 }", "     ^", STEP, id="negative-index"),
        pytest.param("{ $.a/b = 1 }", "     ^~", OPERATORS, id="name-outside-the-alphabet"),
        pytest.param(
            "{ $.a[*].* = 1 }",
            "  ^~~~~~~~",
            "expected at most one wildcard in a selector, AWS's limit",
            id="two-wildcards",
        ),
        pytest.param(
            "{ $.a.* = 1 || $.b.* = 1 || $.c.* = 1 || $.d.* = 1 }",
            "                                         ^~~~~",
            "expected at most 3 wildcard selectors, AWS's limit",
            id="four-wildcard-selectors",
        ),
        pytest.param("{ $.a }", "      ^", OPERATORS, id="no-operator"),
        pytest.param(
            "{ $.a == 1 }", "      ^~", f"{OPERATORS}: filter patterns have no `==`", id="double-equals"
        ),
        pytest.param("{ $.a <> 1 }", "      ^~", OPERATORS, id="another-unequal"),
        pytest.param("{ $.a LIKE 1 }", "      ^~~~", OPERATORS, id="like"),
        pytest.param(
            "{ $.a EXISTS }", "      ^~~~~~", f"{OPERATORS}: AWS has no `EXISTS`, write `= *`", id="exists"
        ),
        pytest.param(
            "{ $.a not exists }", "      ^~~", f"{OPERATORS}: keywords are in upper case", id="small-keyword"
        ),
        pytest.param("{ $.a NOT NULL }", "          ^~~~", "expected `EXISTS` after `NOT`", id="not-null"),
        pytest.param(
            "{ $.a IS NOT NULL }",
            "         ^~~",
            "expected `NULL`, `TRUE` or `FALSE`: AWS has no `IS NOT`",
            id="is-not",
        ),
        pytest.param(
            "{ $.a IS true }",
            "         ^~~~",
            "expected `NULL`, `TRUE` or `FALSE` after `IS`, in upper case",
            id="small-constant",
        ),
        pytest.param(
            "{ $.a[0]IS NULL }",
            "        ^~",
            "expected white space before the keyword",
            id="keyword-without-blank",
        ),
        pytest.param(
            "{ $.a = 'x' }",
            "        ^",
            "expected a string in double quotes: AWS rejects single ones",
            id="single-quotes",
        ),
        pytest.param('{ $.a = "x }', "        ^~~~", 'expected a closing `"`', id="unclosed-string"),
        pytest.param("{ $.a = %x }", "        ^~~~", "expected a closing `%`", id="unclosed-regex"),
        pytest.param(
            r'{ $.a = "x\"y" }',
            "        ^",
            "expected a string without backslashes: AWS documents no escapes",
            id="escaped-quote",
        ),
        pytest.param(
            "{ $.a = }",
            "        ^",
            "expected a string, a number, an IPv4 address or a %regex%",
            id="no-operand",
        ),
        pytest.param("{ $.a = us-east-1 }", "        ^~~~~~~~~", PLAIN_WORD, id="string-that-needs-quotes"),
        pytest.param("{ $.a = 10.0.0.0.1 }", "        ^~~~~~~~~~", PLAIN_WORD, id="no-ip-address"),
        pytest.param("{ $.a = .5 }", "        ^~", PLAIN_WORD, id="number-without-its-zero"),
        pytest.param("{ $.a = -4* }", "        ^~~", PLAIN_WORD, id="signed-number-wildcard"),
        pytest.param(
            "{ $.a = 1e12345 }",
            "        ^~~~~~~",
            "expected an exponent of at most 4 digits",
            id="monstrous-number",
        ),
        pytest.param('{ $.a > "5" }', "        ^~~", "expected a number after `>`", id="order-of-strings"),
        pytest.param("{ $.a <= 4* }", "         ^~", "expected a number after `<=`", id="order-of-wildcards"),
        pytest.param(
            "{ $.a = %x(y)% }",
            "          ^",
            r"expected no parenthesis: AWS's regexes have no groups; write \x28 or \x29",
            id="group-in-a-regex",
        ),
        pytest.param(
            "{ $.a = %x% || $.b = %y% || $.c = %z% }",
            "                                  ^~~",
            "expected at most 2 regexes in a pattern, AWS's limit",
            id="three-regexes",
        ),
        pytest.param(
            "{ $.a = 1 and $.b = 2 }",
            "          ^~~",
            "expected `&&`, the only way to write AND",
            id="word-for-and",
        ),
        pytest.param(
            "{ $.a = 1 OR $.b = 2 }",
            "          ^~",
            "expected `||`, the only way to write OR",
            id="word-for-or",
        ),
        pytest.param(
            "{ $.a = 1 & $.b = 2 }",
            "          ^",
            "expected `&&`, the only way to write AND",
            id="single-ampersand",
        ),
        pytest.param(
            "{ $.a = 1 $.b = 2 }", "          ^~~", "expected `&&`, `||`, `)` or `}`", id="nothing-between"
        ),
        pytest.param(
            "{ $.a = 1 && }",
            "             ^",
            "expected a condition, which begins with a selector such as `$.eventName`",
            id="nothing-after-and",
        ),
        pytest.param("{ ($.a = 1 }", "  ^", "expected a `)` for this one", id="unclosed-parenthesis"),
        pytest.param(
            "{ $.a = 1) }",
            "         ^",
            "expected `&&`, `||` or `}`: no parenthesis is open here",
            id="stray-parenthesis",
        ),
        pytest.param("{ $.a = 1", "         ^", "expected `}` at the end of the pattern", id="missing-brace"),
        pytest.param(
            "{ $.a = 1 } x", "            ^", "expected nothing after the closing `}`", id="text-after-brace"
        ),
        pytest.param("[a, b", "     ^", "expected `]` at the end of the pattern", id="missing-bracket"),
        pytest.param(
            "%a% b",
            "    ^",
            "expected nothing after the regex: AWS documents it alone or inside `{ }`",
            id="regex-and-term",
        ),
        pytest.param(
            "a.b",
            "^~~",
            'expected a term of letters, digits and `_`; put others in double quotes, `"like this"`',
            id="term-that-needs-quotes",
        ),
        pytest.param(
            "- a",
            " ^",
            'expected a term of letters, digits and `_`; put others in double quotes, `"like this"`',
            id="sign-without-term",
        ),
    ],
)
def test_syntax_error_names_the_place_and_what_was_expected(text: str, marker: str, message: str) -> None:
    with pytest.raises(PatternSyntaxError) as raised:
        parse_filter_pattern(text)

    assert f"{message}\n    {text}\n    {marker}" == str(raised.value)


def test_syntax_error_shows_the_line_in_question_only() -> None:
    with pytest.raises(PatternSyntaxError) as raised:
        parse_filter_pattern("{\n\t$.a = 1\n\t&& $.b == 2\n}\n")

    assert str(raised.value).splitlines()[1:] == ["     && $.b == 2", "            ^~"]


def test_syntax_error_is_no_value_error() -> None:
    """rdklib turns a ValueError into silence."""
    assert not issubclass(PatternSyntaxError, ValueError)


def test_1024_characters_are_accepted_and_1025_are_not() -> None:
    longest = '{ $.a = "' + "x" * 1012 + '" }'
    assert len(longest) == 1024

    assert equal("a", Text("x" * 1012, is_quoted=True)) == expression_of(longest)
    with pytest.raises(
        PatternSyntaxError, match="expected at most 1,024 characters, AWS's limit; these are 1,025"
    ):
        parse_filter_pattern(longest + " ")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("(" * 1024, id="parentheses-alone"),
        pytest.param("{" + "(" * 1023, id="nothing-but-open-parentheses"),
        pytest.param("{" * 1024, id="braces"),
        pytest.param("[" * 1024, id="brackets"),
        pytest.param("{" + "($.a=1&&" * 127, id="unclosed-groups"),
        pytest.param("{ $.a = %" + "[" * 1000 + "% }", id="brackets-in-a-regex"),
    ],
)
def test_deep_nesting_that_is_never_closed_is_a_syntax_error(text: str) -> None:
    with pytest.raises(PatternSyntaxError):
        parse_filter_pattern(text)


def test_deep_nesting_needs_no_deep_stack() -> None:
    text = "{" + "(" * 500 + "$.a = 1" + ")" * 500 + "}"

    assert with_little_stack_left(lambda: expression_of(text)) == A


JUNK = st.text("{}[]()$.*=!<>&|%\"'\\ -+?0129aeRNOTISEXTULL\n", max_size=30)


@given(JUNK | JUNK.map("{{ {} }}".format) | st.text(max_size=15))
def test_junk_is_a_syntax_error_at_worst(text: str) -> None:
    _parse_or_fail(text)


@given(filter_patterns(), st.data())
def test_a_damaged_pattern_is_a_syntax_error_at_worst(pattern: FilterPattern, data: st.DataObject) -> None:
    text = format_filter_pattern(pattern)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 3)))

    _parse_or_fail(text[:start] + data.draw(st.text('{}[]()$.*=!&|%" aé', max_size=2)) + text[end:])


def _parse_or_fail(text: str) -> None:
    try:
        pattern = parse_filter_pattern(text)
    except PatternSyntaxError as error:
        assert len(str(error).splitlines()) == 3  # noqa: PT017
    else:
        assert pattern == parse_filter_pattern(format_filter_pattern(pattern))
