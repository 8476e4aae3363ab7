"""Rates and terms with the dates from which they apply.

The rules call rates date-versioned configuration. A table here is a list of
versions, and a look-up names a day.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from lending.money import cents, percent

Regime = Literal["company", "person", "simples", "mei"]


@dataclass(frozen=True)
class IofRates:
    """IOF on credit (Price of a loan, 4; Decreto 6.306/2007)."""

    since: date
    daily: Fraction
    daily_reduced: Fraction
    additional: Fraction
    # Largest principal, in cents, that has the reduced daily rate.
    reduced_up_to: int
    # Days that are taxed at most, counted from the release.
    most_days: int = 365


@dataclass(frozen=True)
class LateTerms:
    """Late charges of the contract (After disbursement, Late; policy)."""

    fine: Fraction
    default_interest_monthly: Fraction


IOF_VERSIONS = [
    IofRates(
        since=date(2025, 7, 16),
        daily=percent("0.0082"),
        daily_reduced=percent("0.00274"),
        additional=percent("0.38"),
        reduced_up_to=cents("30000.00"),
    )
]

LATE_TERMS = LateTerms(fine=percent("2"), default_interest_monthly=percent("1"))


def iof_rates(day: date) -> IofRates:
    """The version in force on the day of the contract."""
    versions = [version for version in IOF_VERSIONS if version.since <= day]
    if not versions:
        raise ValueError(f"no IOF rates for {day}: the rules begin on 2025-07-16")
    return max(versions, key=lambda version: version.since)
