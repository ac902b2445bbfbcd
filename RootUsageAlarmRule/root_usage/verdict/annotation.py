"""The sentence that people see first in AWS Config: at most 256 characters, always whole words.

https://docs.aws.amazon.com/config/latest/APIReference/API_Evaluation.html (`Annotation`)
"""

from __future__ import annotations

import re
from typing import assert_never

from .findings import IN_ACCOUNT, QUOTED, Code, Finding, Link, quote
from .outcome import Chain, NotTold, ReportedElsewhere, Told, Verdict

LIMIT = 256  # AWS counts characters; bytes of UTF-8 are at least as many, however it counts them
ROOM_FOR_A_COUNT = 40  # that of the other findings, and what may have given way before it
SHORTEST_NAME = 12  # a name cut to less than this tells nobody anything
# Behind the code there are at most sentences about parameters and root, which quote nobody: no name can pose
# as one.
_CODE = re.compile(r" \[([A-Z_]+)\](?:; [^`\[\]]*)?$")


def annotation_of(verdict: Verdict, *more: str) -> str:
    """1 to 256 bytes: what is broken, what follows and what to do; or who is told.

    What is broken ends with the finding's code in brackets, `[ALARM_UNIT]`: AWS Config hands on nothing
    else, so whoever reads many accounts groups by it, see `code_in`. What `more` there is to say, about the
    parameters and about root, is added in what room is left, each whole or not at all.
    """
    sentence = _sentence_of(verdict)
    for each in filter(None, more):
        longer = f"{sentence}; {_printable(each)}"
        sentence = longer if _size(longer) <= LIMIT else sentence
    return sentence


def code_in(annotation: str) -> Code | None:
    """The code of the finding that the annotation is about; None where it isn't about a finding."""
    found = _CODE.search(annotation)
    return Code.__members__.get(found[1]) if found else None


def may_leave_out_findings(annotation: str) -> bool:
    """Whether there may be more than the one that it is about: they are counted only where there is room."""
    found = _CODE.search(annotation)
    if found is None:
        return False
    return "more finding" in annotation or found.end(1) > LIMIT - ROOM_FOR_A_COUNT


def _sentence_of(verdict: Verdict) -> str:
    match verdict:
        case Told(chains, notes):
            return _told(chains, notes)
        case NotTold(findings):
            return _not_told(findings)
        case ReportedElsewhere(region):
            return f"root usage alarm: this account is reported in {region} (ReportingRegion)"
        case other:
            assert_never(other)


def _told(chains: tuple[Chain, ...], notes: tuple[str, ...]) -> str:
    chain = chains[0]
    head = f"root use is told: {_ringing(chain)}{_beside(chains)} -> {_audience(chain)}"
    if not notes:
        return _first_that_fits(LIMIT, head)
    return _first_that_fits(
        LIMIT, f"{head}; note: {'; '.join(notes)}", f"{head}; {_count(len(notes), 'note')} in the log", head
    )


def _ringing(chain: Chain) -> str:
    if chain.region:
        return f"EventBridge rule {quote(chain.name(Link.EVENT_RULE))} in {chain.region}"
    return f"alarm {quote(chain.name(Link.ALARM))}" + _of_account(chain.account_id(Link.ALARM))


def _beside(chains: tuple[Chain, ...]) -> str:
    """What covers root use together with the first chain."""
    regions = {each.region for each in chains}
    if None not in regions:
        return f" and {_count(len(regions) - 1, 'more region')}" if len(regions) > 1 else ""
    which = "alarms" if regions == {None} else "alarms and rules"
    return f" (1 of {len(chains)} {which} that cover root use together)" if len(chains) > 1 else ""


def _audience(chain: Chain) -> str:
    action, subscribers = quote(chain.name(Link.ACTION)), chain.subscribers
    if not subscribers:
        return f"action {action}"
    protocols = f" ({', '.join(chain.protocols)})" if chain.protocols else ""
    if chain.account_id(Link.ACTION) != chain.account_id(Link.ALARM):
        action += _of_account(chain.account_id(Link.ACTION)) or " of this account"
    return f"topic {action} -> {_count(subscribers, 'confirmed subscriber')}{protocols}"


def _of_account(account_id: str | None) -> str:
    return f" of account {account_id}" if account_id else ""


def _not_told(findings: tuple[Finding, ...]) -> str:
    lead, *others = findings
    code = f" [{lead.code.name}]"
    room = LIMIT - len(code)
    # A name that is shortened still tells which resource it is, and the log knows the reason; without the
    # remedy nobody knows what to do.
    fitting = _with_remedy(room, lead, len(others)) or _with_remedy(room, lead.in_short, len(others))
    return (fitting or _first_that_fits(room, lead.whole_message)) + code


def _with_remedy(room: int, lead: Finding, others: int) -> str | None:
    """None where that doesn't fit, however short the names are."""
    sentence = f"{lead.whole_message}. {lead.remedy[:1].upper()}{lead.remedy[1:]}"
    counted = f"{sentence} ({_count(others, 'more finding')})" if others else sentence
    return _fitting(room, counted, sentence) or _fitting(room, sentence.removeprefix(IN_ACCOUNT))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _first_that_fits(room: int, *candidates: str) -> str:
    """The last candidate is cut where none fits."""
    return _fitting(room, *candidates) or _whole_words(
        _with_short_names(_printable(candidates[-1]), room), room
    )


def _fitting(room: int, *candidates: str) -> str | None:
    """The first candidate that fits as it is; else the first that fits with its names shortened."""
    printable = [_printable(each) for each in candidates]
    shortened = (_with_short_names(each, room) for each in printable)
    return next((each for each in (*printable, *shortened) if _size(each) <= room), None)


def ascii_of(annotation: str) -> str:
    """The same with a question mark for each other character."""
    return annotation.encode("ascii", "replace").decode()


def _printable(text: str) -> str:
    # AWS's model has no pattern for an annotation. What is beyond 16 bits counts twice in some places.
    return "".join(each if each.isprintable() and each <= "\uffff" else "?" for each in text)


def _size(text: str) -> int:
    return len(text.encode())


def _with_short_names(text: str, room: int) -> str:
    """Shortens the longest name by one character at a time, no further than makes sense."""
    names = QUOTED.findall(text)
    shortened = list(names)
    excess = _size(text) - room
    while excess > 0 and shortened and len(longest := max(shortened, key=len)) > SHORTEST_NAME:
        place = shortened.index(longest)
        shortened[place] = _shortened(names[place], len(longest) - 1)
        excess -= _size(longest) - _size(shortened[place])
    each = iter(shortened)
    return QUOTED.sub(lambda _: f"`{next(each)}`", text)


def _shortened(name: str, width: int) -> str:
    """Keeps both ends, since names that people give differ at either."""
    if len(name) <= width:
        return name
    head = (width - 2) // 2
    return f"{name[:head]}..{name[len(name) - (width - 2 - head) :]}"


def _whole_words(text: str, room: int) -> str:
    # Three of it for the dots that say that something follows.
    if _size(text) <= room:
        return text
    return text.encode()[: room - 3].decode(errors="ignore").rsplit(" ", 1)[0] + "..."
