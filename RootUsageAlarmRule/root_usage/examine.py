"""One evaluation of one account: asks, decides, asks again, until there is a verdict.

The Lambda and the commands at a desk share this; they differ in where their clients come from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from .aws.asking import Evidence, Question, Unanswered
from .aws.clients import ClientFactory, RoleClientFactory
from .aws.gathering import Gatherer, asks_by_arn
from .aws.recording import Recorder
from .aws.sharing import Sharing
from .chain.walk import decide
from .parameters import InvalidParameters, Parameters
from .root_user.hiding import judge_hiding
from .root_user.judging import RootUser, judge_root_user, with_root_user
from .root_user.last_use import NotLookedFor, NotUsed
from .root_user.witness import judge_silence
from .verdict.annotation import annotation_of
from .verdict.findings import Code, Finding, Link, not_decided
from .verdict.outcome import NotTold, Told, Verdict
from .work import OutOfWork, Work, working

Judgement = TypeVar("Judgement")


@dataclass(frozen=True, slots=True)
class Examination:
    """A verdict, the evidence that it rests on, and every call made for it, as `service:Operation`.

    `root_user` is None where nothing was asked about it; `held` names the parameters for which the
    function's floor held; `sharing` has what other evaluations' answers were used.
    """

    verdict: Verdict
    evidence: Evidence
    calls: tuple[str, ...]
    root_user: RootUser | None = None
    held: tuple[str, ...] = ()
    sharing: Sharing | None = None

    @property
    def annotation(self) -> str:
        return annotation_of(self.verdict, self.about_floor, self._about_root, self.about_age)

    @property
    def about_age(self) -> str:
        """Empty where AWS was asked for every answer."""
        if self.sharing is None or self.sharing.oldest is None:
            return ""
        return f"other accounts' answers up to {self.sharing.most_age / timedelta(minutes=1):.0f} minutes old"

    @property
    def about_floor(self) -> str:
        """Empty where the account's own parameters held."""
        return f"floor holds for {', '.join(self.held)}" if self.held else ""

    @property
    def _about_root(self) -> str:
        """Beside a broken chain only what is bad news as well is worth its room, and not twice."""
        if self.root_user is None or self._leads_with_root:
            return ""
        is_quiet = isinstance(self.root_user.last_use, NotUsed | NotLookedFor)
        return "" if is_quiet and not isinstance(self.verdict, Told) else self.root_user.sentence

    @property
    def _leads_with_root(self) -> bool:
        return isinstance(self.verdict, NotTold) and self.verdict.findings[0].code.link is Link.ROOT_USER


@dataclass(frozen=True, slots=True)
class Account:
    """The account under evaluation, and where the rule stands."""

    account_id: str
    region: str
    partition: str = "aws"


def examine(  # noqa: PLR0913 all that an evaluation depends on
    account: Account,
    parameters: Parameters | InvalidParameters,
    client_factory: ClientFactory,
    now: datetime,
    *,
    with_summary: bool = False,
    work: Work | None = None,
    sharing: Sharing | None = None,
    recorder: Recorder | None = None,
) -> Examination:
    """The verdict on the account; raises PassingFault where AWS can't answer just now.

    `with_summary` asks what root still holds, for whoever wants to see all of it; `work` is what may be
    spent. Where that isn't enough the verdict says so, behind what is known to be broken. With `sharing`,
    other accounts' answers to earlier evaluations are used, and the verdict says how old they may be. A
    `recorder` gets every call with its answer.
    """
    work = work or Work()
    gatherer = Gatherer(factory_of(account, parameters, client_factory), work, sharing, recorder)
    evidence = Evidence(account.account_id, account.region, now)

    def answered(judge: Callable[[Evidence], Judgement]) -> Judgement:
        nonlocal evidence
        while True:
            try:
                with working(work):
                    return judge(evidence)
            except Unanswered as need:
                # INVARIANT: each round answers at least one question that was open, so this ends.
                evidence = evidence.with_answers(gatherer.ask(need.questions))

    verdict: Verdict = NotTold(())
    root_user = None
    try:
        verdict = answered(partial(decide, parameters=parameters))
        if isinstance(parameters, Parameters) and _is_within_reach(verdict):
            about_root = partial(
                _about_root, parameters=parameters, verdict=verdict, with_summary=with_summary
            )
            findings, root_user = answered(about_root)
            verdict = with_root_user(verdict, *findings)
    except OutOfWork as stop:
        verdict = with_root_user(verdict, not_decided(stop, account.account_id))
    held = parameters.held if isinstance(parameters, Parameters) else ()
    return Examination(verdict, evidence, tuple(gatherer.calls), root_user, held, sharing)


def _about_root(
    evidence: Evidence, parameters: Parameters, verdict: Verdict, *, with_summary: bool
) -> tuple[tuple[Finding, ...], RootUser]:
    """What is known of the root user only adds to the chain's verdict."""
    root_user = judge_root_user(evidence, parameters, with_summary=with_summary)
    silence = judge_silence(evidence, parameters, verdict, root_user) if isinstance(verdict, Told) else None
    hiding = judge_hiding(evidence, parameters, verdict, root_user)
    return (*([silence] if silence else []), *hiding, *root_user.findings), root_user


def _is_within_reach(verdict: Verdict) -> bool:
    if isinstance(verdict, NotTold):
        return verdict.findings[0].code not in (Code.CANNOT_ASSUME_ROLE, Code.NOT_DECIDED_IN_TIME)
    return isinstance(verdict, Told)


def factory_of(
    account: Account, parameters: Parameters | InvalidParameters, own: ClientFactory
) -> Callable[[Question[Any]], ClientFactory | None]:
    """Gives the client factory for a question: the rule's own, or one that assumes the reading role there.

    Without a reading role, a topic or key of another account is asked for with the rule's own credentials:
    its own policy says whether that may be. What has a name only is never asked for like that, as AWS
    would look for it in the rule's own account.
    """
    role_name = parameters.reading_role_name if isinstance(parameters, Parameters) else None
    others: dict[str, ClientFactory] = {}

    def factory_for(question: Question[Any]) -> ClientFactory | None:
        account_id = question.place.account_id
        if account_id == account.account_id:
            return own
        if role_name is None:
            return own if asks_by_arn(question) else None
        if account_id not in others:
            role_arn = f"arn:{account.partition}:iam::{account_id}:role/{role_name}"
            others[account_id] = RoleClientFactory(own, role_arn, account.region)
        return others[account_id]

    return factory_for
