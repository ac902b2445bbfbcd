"""What every JSON document of the commands begins with."""

from __future__ import annotations

from datetime import datetime

from .. import __version__

# The first number changes where a member goes away or changes its meaning, the second where one is added.
SCHEMA_VERSION = "1.0"


def json_head(now: datetime) -> dict[str, str]:
    """`time` is when the command asked AWS, in ISO 8601."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "toolVersion": __version__,
        "time": now.isoformat(timespec="seconds"),
    }
