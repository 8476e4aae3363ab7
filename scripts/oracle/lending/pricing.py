"""The price of a loan: schedule, fee, IOF and CET (Price of a loan)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from lending import cet
from lending.days import due_dates
from lending.growth import growth
from lending.money import half_up, printed_percent
from lending.rates import IofRates, Regime, iof_rates

Charges = Literal["financed", "deducted"]
MOST_ROUNDS = 50


class Refused(Exception):
    """A loan that cannot be priced. The message is the code of the refusal."""


@dataclass(frozen=True)
class Row:
    """One installment of a schedule. Amounts are cents."""

    number: int
    due: date
    days: int
    payment: int
    interest: int
    principal: int
    balance: int


@dataclass(frozen=True)
class Request:
    requested: int
    monthly: Fraction
    count: int
    release: date
    fee_rate: Fraction
    regime: Regime
    charges: Charges
    first_due: date | None = None


@dataclass(frozen=True)
class Quote:
    request: Request
    fee: int
    iof: int
    principal: int
    net: int
    daily_iof_rate: Fraction
    schedule: tuple[Row, ...]

    @property
    def installment(self) -> int:
        return self.schedule[0].payment

    @property
    def total(self) -> int:
        return sum(row.payment for row in self.schedule)

    @property
    def interest(self) -> int:
        return sum(row.interest for row in self.schedule)

    @property
    def annual_cost(self) -> Fraction:
        flows = [(Fraction(row.days, 365), row.payment) for row in self.schedule]
        return cet.annual_cost(self.net, flows)

    @property
    def cet_year(self) -> Decimal:
        return printed_percent(self.annual_cost)

    @property
    def cet_month(self) -> Decimal:
        return printed_percent(cet.monthly_cost(self.annual_cost))

    @property
    def annual_rate(self) -> Decimal:
        return printed_percent(cet.annual_contract_rate(self.request.monthly))


def price(request: Request) -> Quote:
    """Prices a request (Price of a loan, 1 to 5)."""
    if request.requested <= 0 or request.count <= 0:
        raise ValueError("amount and number of installments are positive")
    table = iof_rates(request.release)
    if request.regime in ("simples", "mei"):
        reduced = quote_at(request, table, table.daily_reduced)
        if reduced.principal <= table.reduced_up_to:
            return reduced
    return quote_at(request, table, table.daily)


def quote_at(request: Request, table: IofRates, daily: Fraction) -> Quote:
    """The quote at one daily IOF rate."""
    dates = due_dates(request.release, request.count, request.first_due)
    fee = half_up(request.requested * request.fee_rate)
    if request.charges == "deducted":
        rows = schedule(request.requested, request.monthly, request.release, dates)
        iof = iof_of(rows, table, daily)
        net = request.requested - fee - iof
        return Quote(request, fee, iof, request.requested, net, daily, tuple(rows))
    principal = financed_principal(request.requested + fee, request.monthly, request.release, dates, table, daily)
    rows = schedule(principal, request.monthly, request.release, dates)
    iof = principal - request.requested - fee
    return Quote(request, fee, iof, principal, request.requested, daily, tuple(rows))


def financed_principal(
    before_iof: int, monthly: Fraction, release: date, dates: list[date], table: IofRates, daily: Fraction
) -> int:
    """The principal that also pays its own IOF (Price of a loan, 5).

    It ends at a fixed point. If two amounts alternate, the larger one wins.
    """
    before, principal = None, before_iof
    for _ in range(MOST_ROUNDS):
        rows = rows_of(principal, monthly, release, dates)
        following = before_iof + iof_of(rows, table, daily)
        if following == principal:
            return principal
        if following == before:
            return max(principal, following)
        before, principal = principal, following
    raise Refused(cause_of_empty_part(monthly, [(due - release).days for due in dates]))


def iof_of(rows: list[Row], table: IofRates, daily: Fraction) -> int:
    """Daily and additional IOF, each rounded once (Price of a loan, 4)."""
    by_day = sum(row.principal * min(row.days, table.most_days) for row in rows) * daily
    principal = sum(row.principal for row in rows)
    return half_up(by_day) + half_up(principal * table.additional)


def even_installment(principal: int, monthly: Fraction, days: list[int]) -> int:
    """round(P / sum of 1/f(d)) (Price of a loan, 2)."""
    return half_up(principal / annuity(monthly, tuple(days)))


def annuity(monthly: Fraction, days: tuple[int, ...]) -> Fraction:
    """Sum of 1/f(d)."""
    key = (monthly, days)
    if key not in ANNUITIES:
        ANNUITIES[key] = sum((growth(monthly, -count) for count in days), Fraction(0))
    return ANNUITIES[key]


ANNUITIES: dict[tuple[Fraction, tuple[int, ...]], Fraction] = {}


def schedule(principal: int, monthly: Fraction, release: date, dates: list[date]) -> list[Row]:
    """The day-exact Price table, if every principal part is more than zero (Price of a loan, 2)."""
    rows = rows_of(principal, monthly, release, dates)
    if any(row.principal <= 0 for row in rows):
        raise Refused(cause_of_empty_part(monthly, [row.days for row in rows]))
    return rows


def rows_of(principal: int, monthly: Fraction, release: date, dates: list[date]) -> list[Row]:
    """The same table for any amount, also for one on the way to the principal."""
    days = [(due - release).days for due in dates]
    payment = even_installment(principal, monthly, days)
    rows, balance, start = [], principal, 0
    for number, (due, day) in enumerate(zip(dates, days), start=1):
        interest = half_up(balance * (growth(monthly, day - start) - 1))
        part = balance if number == len(dates) else payment - interest
        balance -= part
        rows.append(Row(number, due, day, part + interest, interest, part, balance))
        start = day
    return rows


def cause_of_empty_part(monthly: Fraction, days: list[int]) -> str:
    """Tells a tiny amount from a term that is too long (What cannot be priced).

    Without rounding, the parts depend on the rate and the dates alone.
    """
    payment = 1 / annuity(monthly, tuple(days))
    balance, start = Fraction(1), 0
    for day in days[:-1]:
        interest = balance * (growth(monthly, day - start) - 1)
        if interest >= payment:
            return "installments_out_of_range"
        balance, start = balance + interest - payment, day
    return "amount_out_of_range"
