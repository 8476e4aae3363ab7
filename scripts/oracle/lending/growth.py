"""The growth of money at a monthly rate over calendar days (Price of a loan, 2)."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import lru_cache

# 24 decimals are kept. 80 digits leave the error of the root far below them.
DECIMALS_KEPT = Decimal("1e-24")
WIDE = Context(prec=80, rounding=ROUND_HALF_EVEN)


@lru_cache(maxsize=None)
def growth(monthly: Fraction, days: int) -> Fraction:
    """f(d) = (1+i)^(d/30); the exact power if 30 divides d, else 24 decimals.

    A negative number of days discounts: f(-d) = 1 / f(d).
    """
    if days < 0:
        return 1 / growth(monthly, -days)
    if days % 30 == 0:
        return (1 + monthly) ** (days // 30)
    return Fraction(power(1 + monthly, Fraction(days, 30)).quantize(DECIMALS_KEPT, context=WIDE))


def power(base: Fraction, exponent: Fraction) -> Decimal:
    """A real power with about 78 correct digits."""
    logarithm = WIDE.ln(decimal_of(base))
    return WIDE.exp(WIDE.multiply(logarithm, decimal_of(exponent)))


def decimal_of(number: Fraction) -> Decimal:
    return WIDE.divide(Decimal(number.numerator), Decimal(number.denominator))
