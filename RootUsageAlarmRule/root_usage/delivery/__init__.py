"""From an alarm's actions to the people: which of them is proven to tell somebody?

Whether the alarm rings at all is for `alarm`; which alarms there are, for `chain`.
"""

from .actions import ACCEPTABLE, ActionKind, judge_actions
from .forwarding import at_bus, called, event_bus_unreadable, judge_forwarding
from .history import HISTORY_KEPT, judge_history, needs_history
from .settings import PROTOCOLS, Delivered, DeliverySettings
from .targets import is_event_bus, judge_targets, name_of_bus, notes_on

__all__ = [
    "ACCEPTABLE",
    "HISTORY_KEPT",
    "PROTOCOLS",
    "ActionKind",
    "Delivered",
    "DeliverySettings",
    "at_bus",
    "called",
    "event_bus_unreadable",
    "is_event_bus",
    "judge_actions",
    "judge_forwarding",
    "judge_history",
    "judge_targets",
    "name_of_bus",
    "needs_history",
    "notes_on",
]
