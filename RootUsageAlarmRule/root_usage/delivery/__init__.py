"""From an alarm's actions to the people: which of them is proven to tell somebody?"""

from .actions import ActionKind, judge_actions
from .history import judge_history, needs_history
from .settings import Delivered, DeliverySettings

__all__ = ["ActionKind", "Delivered", "DeliverySettings", "judge_actions", "judge_history", "needs_history"]
