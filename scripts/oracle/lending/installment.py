"""One installment of a running loan: what is scheduled, paid and late."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from lending.days import effective_due_date
from lending.late import Charges, Curve
from lending.pricing import Row
from lending.rates import LateTerms

Status = Literal["pending", "partially_paid", "overdue", "paid"]
NO_CHARGES = Charges(0, 0, 0)


@dataclass
class Shares:
    """The parts of an amount, in the order in which it pays."""

    late_charges: int = 0
    interest: int = 0
    principal: int = 0

    @property
    def total(self) -> int:
        return self.late_charges + self.interest + self.principal


@dataclass
class Installment:
    number: int
    due: date
    interest: int
    principal: int
    balance: int
    paid: Shares = field(default_factory=Shares)
    waived: Shares = field(default_factory=Shares)
    # Interest that an early payoff or a prepayment of everything took away.
    discount: int = 0
    # A payoff has settled it before it was due.
    settled: bool = False
    curve: Curve = field(default_factory=Curve)
    paid_on: date | None = None

    @classmethod
    def of(cls, row: Row) -> "Installment":
        return cls(row.number, row.due, row.interest, row.principal, row.balance)

    @property
    def effective_due(self) -> date:
        return effective_due_date(self.due)

    @property
    def scheduled(self) -> int:
        return self.interest + self.principal

    @property
    def unpaid_interest(self) -> int:
        return self.interest - self.paid.interest - self.waived.interest - self.discount

    @property
    def unpaid_principal(self) -> int:
        return self.principal - self.paid.principal

    @property
    def unpaid(self) -> int:
        """Interest and principal, without late charges."""
        return self.unpaid_interest + self.unpaid_principal

    def days_late(self, day: date) -> int:
        """Days from the effective due date on."""
        return max(0, (day - self.effective_due).days)

    def charges(self, day: date, monthly: Fraction, terms: LateTerms) -> Charges:
        """All late charges until that day, paid or not."""
        late = self.days_late(day)
        if late == 0 or (not self.curve.steps and self.unpaid == 0):
            return NO_CHARGES
        self.curve.begin(self.unpaid)
        return self.curve.charges(late, monthly, terms)

    def unpaid_charges(self, day: date, monthly: Fraction, terms: LateTerms) -> int:
        total = self.charges(day, monthly, terms).total
        return total - self.paid.late_charges - self.waived.late_charges

    def take(self, amount: int, day: date, monthly: Fraction, terms: LateTerms) -> Shares:
        """Pays late charges, then interest, then principal (Allocation)."""
        charges = min(amount, self.unpaid_charges(day, monthly, terms))
        interest = min(amount - charges, self.unpaid_interest)
        principal = min(amount - charges - interest, self.unpaid_principal)
        self.paid.late_charges += charges
        self.paid.interest += interest
        self.paid.principal += principal
        self.follow(day)
        self.close_if_paid(day, monthly, terms)
        return Shares(charges, interest, principal)

    def close_if_paid(self, day: date, monthly: Fraction, terms: LateTerms) -> None:
        nothing_left = self.unpaid == 0 and self.unpaid_charges(day, monthly, terms) == 0
        if nothing_left and self.paid_on is None:
            self.paid_on = day

    def follow(self, day: date) -> None:
        """Tells the curve what is still unpaid from that day on."""
        if self.curve.steps:
            self.curve.step(self.days_late(day), self.unpaid)

    def status(self, day: date) -> Status:
        """Past due wins over partially paid."""
        if self.paid_on is not None:
            return "paid"
        if self.days_late(day) > 0:
            return "overdue"
        return "partially_paid" if self.paid.total > 0 else "pending"
