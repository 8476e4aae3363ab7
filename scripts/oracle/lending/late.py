"""Late charges on one installment (After disbursement, Late; Res. CMN 4.882/2020)."""

from dataclasses import dataclass, field
from fractions import Fraction

from lending.growth import growth
from lending.money import half_up
from lending.rates import LateTerms


@dataclass(frozen=True)
class Charges:
    fine: int
    default_interest: int
    remuneratory_interest: int

    @property
    def total(self) -> int:
        return self.fine + self.default_interest + self.remuneratory_interest


@dataclass
class Curve:
    """The unpaid amounts, each with the day after the effective due date on which it begins.

    A part payment adds a step. It never restarts the curve: the new amount goes
    on from the same day number.
    """

    steps: list[tuple[int, int]] = field(default_factory=list)

    def begin(self, unpaid: int) -> None:
        if not self.steps:
            self.steps.append((0, unpaid))

    def step(self, day: int, unpaid: int) -> None:
        if unpaid != self.steps[-1][1]:
            self.steps.append((day, unpaid))

    def charges(self, day: int, monthly: Fraction, terms: LateTerms) -> Charges:
        """The charges until that day. Each of the three is rounded once."""
        default = remuneratory = Fraction(0)
        ends = [start for start, _ in self.steps[1:]] + [day]
        for (start, unpaid), end in zip(self.steps, ends, strict=True):
            default += unpaid * terms.default_interest_monthly * Fraction(end - start, 30)
            remuneratory += unpaid * (growth(monthly, end) - growth(monthly, start))
        fine = half_up(self.steps[0][1] * terms.fine)
        return Charges(fine, half_up(default), half_up(remuneratory))


def late_charges(unpaid: int, days: int, monthly: Fraction, terms: LateTerms) -> Charges:
    """The charges on an amount that nobody has paid in part."""
    if days <= 0:
        return Charges(0, 0, 0)
    curve = Curve()
    curve.begin(unpaid)
    return curve.charges(days, monthly, terms)
