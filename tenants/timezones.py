from functools import cache
from zoneinfo import available_timezones


@cache
def known_timezones() -> frozenset[str]:
    """The names of all time zones. Python looks through some 600 files for them, so once is enough."""
    return frozenset(available_timezones())
