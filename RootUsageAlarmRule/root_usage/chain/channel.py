"""What records the account's events without a trail: CloudTrail's channels to CloudWatch.

AWS shows neither the log group that a channel feeds nor the format of the events there, so no chain can be
proven by one; but nor is it true that nothing is recorded. Channels are asked for in the rule's region only.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-service-linked-channels.html
"""

from __future__ import annotations

from ..aws.arn import Place
from ..aws.asking import Evidence, NotOffered, Unreadable
from ..aws.cloudtrail import Channel, ChannelsToCloudWatch, EventSelectors, Trail
from ..coverage import Recorded
from ..verdict.findings import Code, Finding, quote
from ..verdict.outcome import NotTold, Verdict
from .trail import judge_by_description, recorded_by

_REMEDY = "create a multi-region trail that delivers to a log group"


def without_trail(evidence: Evidence) -> NotTold:
    """The verdict on an account that has no trail at all."""
    match evidence.answer(ChannelsToCloudWatch(Place(evidence.account_id, evidence.region))):
        case Unreadable(call, code):
            return NotTold((_no_trail(evidence, f"{call} answered {code}"),))
        case NotOffered(call):
            return NotTold((_no_trail(evidence, f"{call} isn't offered"),))
        case channels:
            return NotTold(_findings(channels, evidence.region) or (_no_trail(evidence),))


def beside_trails(evidence: Evidence, trails: tuple[Trail, ...], verdict: Verdict) -> Verdict:
    """The verdict; where no trail will do by its description, the channels are named behind all findings."""
    descriptions = (judge_by_description(each, evidence.account_id) for each in trails)
    if not isinstance(verdict, NotTold) or not all(isinstance(each, Finding) for each in descriptions):
        return verdict
    channels = evidence.answer(ChannelsToCloudWatch(Place(evidence.account_id, evidence.region)))
    if isinstance(channels, Unreadable | NotOffered):
        return verdict
    return NotTold((*verdict.findings, *_findings(channels, evidence.region)), verdict.chains)


def _findings(channels: tuple[Channel, ...], region: str) -> tuple[Finding, ...]:
    said = ((each, _what(each)) for each in channels)
    return tuple(_undecided(channel, what, region) for channel, what in said if what)


def _what(channel: Channel) -> str:
    """Which management events the channel records; empty for none."""
    if not channel.selectors:
        return "may record management events (it shows no selectors)"
    match recorded_by(EventSelectors((), channel.selectors)):
        case str(unclear):
            return f"may record management events ({quote(unclear)} isn't decided)"
        case Recorded(reads, writes, excluded):
            if not reads and not writes:
                return ""
            left_out = [*([] if reads else ["read events"]), *([] if writes else ["write events"])]
            left_out += sorted(excluded)
            but = f" but {' and '.join(left_out)}" if left_out else ""
            return f"records management events{but}"


def _undecided(channel: Channel, what: str, region: str) -> Finding:
    where = "of all regions" if channel.applies_to_all_regions else f"of {region} only"
    said, unproven = f"channel {quote(channel.name)} {what}, {where}", "so no alarm is proven to hear root"
    return Finding(
        Code.CHANNEL_UNDECIDED,
        channel.name,
        f"{said}; AWS shows neither its log group nor its format, {unproven}",
        _REMEDY,
        short_message=f"{said}; AWS doesn't show where to, {unproven}",
    )


def _no_trail(evidence: Evidence, unseen: str = "") -> Finding:
    """`unseen` is why AWS's answer doesn't say whether there are channels."""
    head = f"account {evidence.account_id} has no trail, and "
    message = short = (
        f"{head}no channel in {evidence.region} records its management events, "
        "so no metric filter there sees root"
    )
    if unseen:
        head += "whether a channel records its events can't be seen"
        message, short = (f"{head}{why}, so no alarm is proven to hear root" for why in (f" ({unseen})", ""))
    return Finding(Code.NO_TRAIL, evidence.account_id, message, _REMEDY, short_message=short)
