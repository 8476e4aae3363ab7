"""Re-pricing, withdrawal and renegotiation (The day the money leaves, Changing a loan)."""

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from lending.days import add_months, business_day_after
from lending.loan import Loan
from lending.money import half_up
from lending.pricing import Quote, Refused, Request, financed_principal, price, rows_of, schedule
from lending.rates import iof_rates
from lending.tax import renegotiation_iof

LEAST_DAYS_TO_FIRST_DUE = 15
DISBURSE_WITHIN_BUSINESS_DAYS = 3
TOLERANCE = Fraction(5, 1000)
WITHDRAWAL_DAYS = 7


def disburse_by(release: date) -> date:
    """The last day on which the money may leave."""
    return business_day_after(release, DISBURSE_WITHIN_BUSINESS_DAYS)


def due_dates_from(first_signed: date, count: int, money_on: date) -> list[date]:
    """The signed due dates, moved on by whole months until the first is 15 days away."""
    day_of_month, months = first_signed.day, 0
    first = first_signed
    while (first - money_on).days < LEAST_DAYS_TO_FIRST_DUE:
        months += 1
        first = add_months(first_signed.year, first_signed.month, months, day_of_month)
    return [add_months(first_signed.year, first_signed.month, months + k, day_of_month) for k in range(count)]


@dataclass(frozen=True)
class Repriced:
    quote: Quote
    must_sign_again: bool


def reprice(signed: Quote, money_on: date) -> Repriced:
    """The quote from the day on which the money really left.

    Rate, number of installments, fee and what the customer receives stay.
    """
    request = signed.request
    if money_on > disburse_by(request.release):
        raise Refused("expired")
    if money_on == request.release:
        return Repriced(signed, False)
    due = due_dates_from(signed.schedule[0].due, request.count, money_on)
    table = iof_rates(money_on)
    daily = signed.daily_iof_rate
    principal = financed_principal(signed.net + signed.fee, request.monthly, money_on, due, table, daily)
    rows = schedule(principal, request.monthly, money_on, due)
    requested = signed.net if request.charges == "financed" else principal
    moved = replace(request, release=money_on, first_due=due[0], requested=requested)
    iof = principal - signed.net - signed.fee
    quote = Quote(moved, signed.fee, iof, principal, signed.net, daily, tuple(rows))
    too_much = quote.installment > signed.installment * (1 + TOLERANCE)
    return Repriced(quote, too_much)


def withdrawal_amount(quote: Quote, money_on: date, day: date, keep_fee: bool, keep_iof: bool) -> int:
    """The amount that the customer returns within seven days (Withdrawal)."""
    if not 0 <= (day - money_on).days <= WITHDRAWAL_DAYS:
        raise Refused("withdrawal_period_over")
    amount = quote.net
    amount += quote.fee if keep_fee else 0
    return amount + (quote.iof if keep_iof else 0)


@dataclass(frozen=True)
class Agreement:
    opening: int
    entry: int
    complementary_iof: int
    principal: int
    schedule: tuple
    # The quality of the old loans is carried over.
    days_overdue: int


def renegotiate(
    loans: list[Loan], day: date, entry: int, request: Request, opening: Literal["face_value", "present_value"]
) -> Agreement:
    """One agreement out of one or several loans of a customer (Renegotiation).

    The request gives the rate, the number of installments and the first due date.
    """
    owed = sum(loan.face_value(day) if opening == "face_value" else loan.payoff(day) for loan in loans)
    if not 0 <= entry < owed:
        raise ValueError("the entry payment is less than the opening amount")
    due = price(replace(request, requested=owed - entry, release=day, charges="deducted")).schedule
    dates = [row.due for row in due]
    base = owed - entry
    principal, before = base, None
    for _ in range(50):
        rows = rows_of(principal, request.monthly, day, dates)
        tax = sum(iof_of_agreement(loan, entry, owed, day, rows) for loan in loans)
        if base + tax == principal:
            break
        if base + tax == before:
            principal = max(principal, base + tax)
            break
        before, principal = principal, base + tax
    rows = schedule(principal, request.monthly, day, dates)
    overdue = max(loan.days_overdue(day) for loan in loans)
    return Agreement(owed, entry, principal - base, principal, tuple(rows), overdue)


def iof_of_agreement(loan: Loan, entry: int, owed: int, day: date, rows: list) -> int:
    """The entry payment settles each old principal in the same proportion."""
    released = loan.quote.request.release
    unsettled = half_up(Fraction(loan.unpaid_principal() * (owed - entry), owed))
    return renegotiation_iof(unsettled, released, day, rows, loan.quote.daily_iof_rate, iof_rates(released))
