"""From an alarm's actions to the people: which of them is proven to tell somebody?

Whether the alarm rings at all is for `alarm`; which alarms there are, for `chain`.
"""

from .actions import ACCEPTABLE, ActionKind, judge_actions
from .history import HISTORY_KEPT, judge_history, needs_history
from .settings import PROTOCOLS, Delivered, DeliverySettings
from .targets import judge_targets

__all__ = [
    "ACCEPTABLE",
    "HISTORY_KEPT",
    "PROTOCOLS",
    "ActionKind",
    "Delivered",
    "DeliverySettings",
    "judge_actions",
    "judge_history",
    "judge_targets",
    "needs_history",
]
