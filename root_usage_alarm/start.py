"""The first steps of the process, before anything large is loaded."""

from __future__ import annotations

import signal


def quietly() -> None:
    """Ctrl-C ends the process at once, without a traceback, until `desk.ending` takes it over."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def start() -> None:
    """`root-usage-alarm`."""
    quietly()
    from .__main__ import main  # noqa: PLC0415 as late as that, see above

    main()
