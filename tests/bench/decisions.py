"""`make bench`: how long the coverage proof takes, and how much memory, within one run on one machine.

A proof is both: that the patterns catch every root event, and that they catch no everyday event.
Figures differ from machine to machine, ratios hardly: the CIS pattern's proof is 1.
"""

from __future__ import annotations

import gc
import json
import statistics
import time
import tracemalloc
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from root_usage.aws.arn import Place
from root_usage.coverage import Coverage, Watch, decide_coverage, drowned_by
from root_usage.coverage.root_activity import ROOT_FILTER_PATTERN
from root_usage.filter_pattern import parse_filter_pattern

ACCOUNT = "111122223333"
LIMIT = 1_024
ROUNDS = 5
CORPUS = Path(__file__).parents[1] / "data" / "filter_patterns.json"


def filled(conditions: Iterable[str], operator: str) -> str:
    """A pattern of as many of these conditions as AWS's limit of length allows."""
    text = ""
    for condition in conditions:
        longer = f"{text}{operator}{condition}" if text else condition
        if len(longer) + len("{}") > LIMIT:
            break
        text = longer
    return f"{{{text}}}"


_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."
_TESTS = ("= *", "NOT EXISTS", "!= 1")

ADVERSARIAL: Mapping[str, str] = {
    "names left out": filled((f'$.eventName!="N{n}"' for n in range(200)), "&&"),
    "every letter, anywhere": filled((f'$.eventName="*{letter}*"' for letter in _LETTERS), "||"),
    "regexes with a large product": "{$.eventName=%a[ab]{18}$%||$.eventName!=%b[ab]{17}$%}",
    "regexes with long counts": "{$.userAgent=%" + "a{1000}" * 5 + "%||$.userAgent!=%b{900}.{1000}%}",
    "a regex beyond the cap": "{$.userAgent=%" + "a{1000}" * 140 + "%}",
    "choices of three": filled(
        (
            "&&".join(f"$.{'abcdefgh'[(n * k) % 8]} {_TESTS[(n + k) % 3]}" for k in (1, 3, 5))
            for n in range(60)
        ),
        "||",
    ),
    "alternating parentheses": "{" + "($.a=1||($.b=1&&" * 54 + "$.c=1" + "))" * 54 + "}",
    "500 parentheses": "{" + "(" * 500 + "$.a=1" + ")" * 500 + "}",
    "numbers": filled((f"$.a{'<>=!'[n % 4]}{'=' if n % 4 == 3 else ''}{n}e{n}" for n in range(200)), "||"),
    "many fields": filled((f"$.a{n}=*" for n in range(200)), "&&"),
    "deep fields": filled((f"$.a.b{n}.c.d NOT EXISTS&&$.a.b{n}.c=*" for n in range(40)), "||"),
    "tautologies": filled((f"($.eventName!=A{n}*||$.eventName=A{n}*)" for n in range(40)), "&&"),
    "a standalone regex": "%" + "a[bc]d" * 166 + "%",
    "a standalone regex with counts": "%" + ".{999}" * 140 + "9%",
    "a standalone regex of nines": "%." + "9" * 990 + "%",
    "three wildcards": '{$.*!="a*ga*"&&$.*!="b*ga*"&&$.*!="c*1*"&&$.userIdentity.type="Root"&&$.a!=1}',
    "wildcards by account": filled(
        [
            *(
                f'($.*!="{letter}*ga*"&&$.recipientAccountId="11111111111{n}"&&$.eventName=x*y)'
                for n, letter in enumerate("abc")
            ),
            *(f"$.recipientAccountId=2222222222{n}" for n in range(20, 40)),
        ],
        "||",
    ),
    "inner asterisks": filled((f"$.eventName=a*{n}*b" for n in range(60)), "||"),
    "wildcard selectors": filled(
        ["$.*.b.c=1", "$.userIdentity.*!=2", *(f"$.x{n}=1" for n in range(200))], "||"
    ),
}


def main() -> None:
    console = Console(highlight=False, width=110)
    decide_watches([ROOT_FILTER_PATTERN])  # the tables of root activity are made once per process
    cis = milliseconds([ROOT_FILTER_PATTERN])
    table = Table("patterns", "ms", "x CIS", "answer")
    _add(table, "parse the CIS pattern", _parsing(), cis, "")
    _add(table, "CIS pattern", cis, cis, _answer(decide_watches([ROOT_FILTER_PATTERN])))
    corpus = {row["id"]: row["patterns"] for row in json.loads(CORPUS.read_text(encoding="utf-8"))}
    times = {name: milliseconds(patterns) for name, patterns in corpus.items()}
    worst = max(times, key=times.__getitem__)
    _add(table, f"corpus of {len(corpus)}, median", statistics.median(times.values()), cis, "")
    _add(table, f"corpus, worst: {worst}", times[worst], cis, _answer(decide_watches(corpus[worst])))
    table.add_section()
    for name, pattern in ADVERSARIAL.items():
        _add(table, name, milliseconds([pattern]), cis, _answer(decide_watches([pattern])))
    console.print(table)
    console.print(f"peak memory of one decision: {_peak_kilobytes() / 1000:.1f} MB")


def decide_watches(patterns: Iterable[str]) -> Coverage:
    watches = [Watch(pattern, "bench", Place(ACCOUNT, "us-east-1")) for pattern in patterns]
    for watch in watches:
        drowned_by(watch, ACCOUNT)
    return decide_coverage(watches, ACCOUNT)


def milliseconds(patterns: Iterable[str]) -> float:
    """The median of a few rounds."""
    patterns = list(patterns)
    rounds = []
    gc.collect()
    for _ in range(ROUNDS):
        started = time.perf_counter()
        decide_watches(patterns)
        rounds.append((time.perf_counter() - started) * 1_000)
    return statistics.median(rounds)


def _parsing() -> float:
    started = time.perf_counter()
    for _ in range(100):
        parse_filter_pattern(ROOT_FILTER_PATTERN)
    return (time.perf_counter() - started) * 10


def _peak_kilobytes() -> float:
    tracemalloc.start()
    peaks = []
    for pattern in ADVERSARIAL.values():
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        decide_watches([pattern])
        peaks.append(tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    return max(peaks) / 1_000


def _add(table: Table, name: str, duration: float, unit: float, answer: str) -> None:
    table.add_row(name, f"{duration:.2f}", f"{duration / unit:.1f}", answer)


def _answer(coverage: Coverage) -> str:
    return type(coverage).__name__


if __name__ == "__main__":
    main()
