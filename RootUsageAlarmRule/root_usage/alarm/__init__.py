"""Would one root event make the alarm ring, and another a day later again?

Nothing here calls AWS or looks at the clock: records and the moment come in, `Rings` or a `Finding`
goes out. `Rings` is only said when it holds for every quiet life of the log group, busy or idle.
"""

from .below import alarms_below
from .composite import MAX_STEPS_OF_COMPOSITE, judge_composite, takes_too_much
from .input import Sources, filters_heard_by
from .model import Rings, judge_metric_alarm, settles_within_a_day
from .muting import judge_mutes
from .timing import judge_detection_time

__all__ = [
    "MAX_STEPS_OF_COMPOSITE",
    "Rings",
    "Sources",
    "alarms_below",
    "filters_heard_by",
    "judge_composite",
    "judge_detection_time",
    "judge_metric_alarm",
    "judge_mutes",
    "settles_within_a_day",
    "takes_too_much",
]
