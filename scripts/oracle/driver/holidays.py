"""One loan for each national holiday of a year, due on that day and paid by nobody.

Lateness begins after the effective due date, so this compares the two calendars.
"""

import random
from datetime import date, timedelta
from decimal import Decimal

from driver.client import Client
from driver.compare import Comparison, Difference
from driver.opening import MORNING, Terms, moment, open_loan
from lending.days import add_months, effective_due_date, is_holiday
from lending.loan import Loan

DAY = timedelta(days=1)
YEARS = 6


def holidays_of(year: int) -> list[date]:
    days = (date(year, 1, 1) + count * DAY for count in range(366))
    return [day for day in days if day.year == year and is_holiday(day)]


def compare_holidays(client: Client, seed: int, today: date) -> list[Difference]:
    chance = random.Random(f"holidays/{seed}")
    found = []
    for holiday in holidays_of(today.year + 1 + chance.randrange(YEARS)):
        release = add_months(holiday.year, holiday.month, -1, holiday.day)
        if release.day == holiday.day:
            found += compare_holiday(client, chance, release, holiday)
    return found


def compare_holiday(client: Client, chance: random.Random, release: date, holiday: date) -> list[Difference]:
    terms = Terms(release, "mei", 100_000, Decimal("2.5"), 1, Decimal("1.2"), "financed", False, MORNING)
    clocks: list[str] = []
    try:
        opened = open_loan(client, terms, chance, f"due on {holiday}", lambda *_: None, clocks)
        comparison, loan = Comparison(client, opened.loan, {}), Loan(opened.quote)
        found: list[Difference] = []
        effective = effective_due_date(holiday)
        for day in sorted({holiday + DAY, effective, effective + DAY}):
            path = f"/sandbox/clocks/{opened.clock}/advance"
            client.partner("POST", path, {"until": moment(day, MORNING)}).expect(200)
            where = f"due on {holiday}, on {day}"
            for line in comparison.differences(loan, day):
                found.append(Difference(f"{where}: {line.where}", line.server, line.oracle))
        return found
    finally:
        for clock in clocks:
            client.partner("DELETE", f"/sandbox/clocks/{clock}").expect(204)
