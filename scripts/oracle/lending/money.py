"""Amounts in whole cents, and the two ways of rounding."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import floor


def cents(text: str) -> int:
    """Reads "1234.56" as 123456 cents. Refuses parts of a cent."""
    amount = Decimal(text) * 100
    if amount != int(amount):
        raise ValueError(f"not a whole number of cents: {text}")
    return int(amount)


def reais(amount: int) -> str:
    """Writes 123456 cents as "1234.56"."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def half_up(amount: Fraction | int) -> int:
    """Rounds to a whole cent; a half goes up (Price of a loan, 2)."""
    return floor(Fraction(amount) + Fraction(1, 2))


def percent(text: str) -> Fraction:
    """Reads "2.5" (percent) as the exact 0.025."""
    return Fraction(text) / 100


def printed_percent(rate: Fraction) -> Decimal:
    """Two decimals of a percentage, half to even (NBR 5891; Price of a loan, 6)."""
    hundredths = rate * 10_000
    whole = floor(hundredths)
    rest = hundredths - whole
    if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1):
        whole += 1
    return (Decimal(whole) / 100).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
