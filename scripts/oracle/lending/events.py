"""The events of a loan after the money has left (After disbursement, Changing a loan)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["installments", "prepayment", "payoff"]
Effect = Literal["reduce_term", "reduce_installment"]


@dataclass(frozen=True)
class Payment:
    reference: str
    amount: int
    day: date
    kind: Kind = "installments"
    effect: Effect = "reduce_term"


@dataclass(frozen=True)
class Waiver:
    """A part of the late charges or of the interest that the lender gives up."""

    day: date
    installment: int
    part: Literal["late_charges", "interest"]
    amount: int


@dataclass(frozen=True)
class WriteOff:
    day: date


@dataclass(frozen=True)
class Refund:
    """Credit of the customer that goes back to it."""

    day: date
    amount: int


Event = Payment | Waiver | WriteOff | Refund
