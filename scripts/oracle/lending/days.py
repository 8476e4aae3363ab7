"""Business days of the whole country, and due dates (Time and business days)."""

from calendar import monthrange
from datetime import date, timedelta

FIXED_HOLIDAYS = {(1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (12, 25)}
# Days before and after Easter: carnival Monday and Tuesday, Good Friday, Corpus Christi.
EASTER_OFFSETS = (-48, -47, -2, 60)
# The Day of Black Awareness is a national holiday from this year on.
FIRST_YEAR_OF_NOVEMBER_20 = 2024


def easter(year: int) -> date:
    """Easter Sunday by the Gregorian computus."""
    golden = year % 19
    century, year_of_century = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - moon_shift + 15) % 30
    leap_years, year_rest = divmod(year_of_century, 4)
    weekday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def is_holiday(day: date) -> bool:
    if (day.month, day.day) in FIXED_HOLIDAYS:
        return True
    if (day.month, day.day) == (11, 20):
        return day.year >= FIRST_YEAR_OF_NOVEMBER_20
    return (day - easter(day.year)).days in EASTER_OFFSETS


def is_business_day(day: date) -> bool:
    """Res. CMN 4.880/2020: no Saturday, Sunday or national holiday."""
    return day.weekday() < 5 and not is_holiday(day)


def effective_due_date(due: date) -> date:
    """The due date, or the next business day if it is not one."""
    while not is_business_day(due):
        due += timedelta(days=1)
    return due


def business_day_after(day: date, count: int) -> date:
    """The count-th business day that follows the day."""
    while count > 0:
        day += timedelta(days=1)
        if is_business_day(day):
            count -= 1
    return day


def add_months(year: int, month: int, months: int, day_of_month: int) -> date:
    """That day of a later month; a month without it uses its last day."""
    index = year * 12 + (month - 1) + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day_of_month, monthrange(year, month)[1]))


def due_dates(release: date, count: int, first_due: date | None = None) -> list[date]:
    """Nominal due dates (Price of a loan, 1)."""
    if first_due is None:
        return [add_months(release.year, release.month, k, release.day) for k in range(1, count + 1)]
    return [add_months(first_due.year, first_due.month, k, first_due.day) for k in range(count)]
