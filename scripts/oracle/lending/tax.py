"""IOF after the release (IOF after the release; Decreto 6.306/2007 art. 7)."""

from datetime import date, timedelta
from fractions import Fraction

from lending.days import add_months, business_day_after
from lending.installment import Installment
from lending.money import half_up
from lending.pricing import Row
from lending.rates import IofRates


def taxed_days(release: date, start: date, end: date, most_days: int) -> int:
    """Days from start to end that still lie within the most days since the release."""
    last = min((end - release).days, most_days)
    first = min((start - release).days, most_days)
    return max(0, last - first)


def complementary_iof(
    part: Installment, steps: list[tuple[date, int]], paid_on: date, release: date, daily: Fraction, table: IofRates
) -> int:
    """Complementary IOF of one late installment, rounded once (art. 7, 1 to 3).

    The steps say how much principal was unpaid from which day on. The first one
    begins at the nominal due date, because the first IOF ended there.
    """
    if paid_on <= part.effective_due:
        return 0
    ends = [day for day, _ in steps[1:]] + [paid_on]
    weighted = sum(
        unpaid * taxed_days(release, start, end, table.most_days)
        for (start, unpaid), end in zip(steps, ends, strict=True)
    )
    return half_up(weighted * daily)


def renegotiation_iof(
    unsettled: int, released: date, agreed_on: date, rows: list[Row], daily: Fraction, table: IofRates
) -> int:
    """Complementary IOF of an agreement without new money (art. 7, 7).

    The unsettled principal of the old contract is spread like the principal of the
    new schedule. Days count from the agreement, until 365 days from the first release.
    """
    principal = sum(row.principal for row in rows)
    weighted = sum(
        Fraction(row.principal * taxed_days(released, agreed_on, row.due, table.most_days)) for row in rows
    )
    return half_up(unsettled * weighted / principal * daily)


def remittance_due(day: date) -> date:
    """The third business day after the ten-day period of that day (Remittance)."""
    if day.day <= 10:
        end = day.replace(day=10)
    elif day.day <= 20:
        end = day.replace(day=20)
    else:
        end = add_months(day.year, day.month, 1, 1) - timedelta(days=1)
    return business_day_after(end, 3)
