"""CET, the total effective cost (Price of a loan, 6; Res. CMN 4.881/2020)."""

from decimal import Context, Decimal
from fractions import Fraction
from math import lcm

from lending.growth import WIDE, power

# 100,000 % a year.
LARGEST_ANNUAL_RATE = Decimal(1000)
# The rules ask for 1e-12. The root is found far closer and then rounded to 12 decimals.
CLOSE_ENOUGH = Decimal("1e-20")
NARROW = Context(prec=40)
TWELVE_DECIMALS = Decimal("1e-12")


class Unpriceable(Exception):
    """The yearly cost has no root up to 100,000 %."""


def annual_cost(net: int, payments: list[tuple[Fraction, int]]) -> Fraction:
    """The r with sum of payment / (1+r)^years = net; each payment is (years, cents)."""
    if present_value(payments, LARGEST_ANNUAL_RATE) > net:
        raise Unpriceable("beyond 100,000 % a year")
    low, high = Decimal("-0.99"), LARGEST_ANNUAL_RATE
    if present_value(payments, low) < net:
        raise Unpriceable("no sign change")
    while high - low > CLOSE_ENOUGH:
        middle = WIDE.divide(low + high, Decimal(2))
        if present_value(payments, middle) > net:
            low = middle
        else:
            high = middle
    return Fraction(WIDE.divide(low + high, Decimal(2)).quantize(TWELVE_DECIMALS, context=WIDE))


def present_value(payments: list[tuple[Fraction, int]], annual: Decimal) -> Decimal:
    """The value of the payments on day zero. Whole powers of one root keep it fast."""
    shortest = lcm(*(years.denominator for years, _ in payments))
    root = NARROW.exp(-NARROW.divide(NARROW.ln(1 + annual), Decimal(shortest)))
    total = Decimal(0)
    for years, amount in payments:
        total = NARROW.add(total, amount * NARROW.power(root, int(years * shortest)))
    return total


def monthly_cost(annual: Fraction) -> Fraction:
    """(1+r)^(1/12) - 1."""
    return Fraction(power(1 + annual, Fraction(1, 12)).quantize(Decimal("1e-20"), context=WIDE)) - 1


def annual_contract_rate(monthly: Fraction) -> Fraction:
    """(1+i)^12 - 1."""
    return (1 + monthly) ** 12 - 1
