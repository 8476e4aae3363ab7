"""A running loan, computed by replaying everything that happened to it.

A loan is a function of its quote and of its events in the order of their days.
So a reversal is a replay without the reversed payment (After disbursement).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from lending.events import Effect, Event, Payment, Refund, Waiver, WriteOff
from lending.growth import growth
from lending.installment import Installment, Shares
from lending.money import half_up
from lending.pricing import Quote, Refused, even_installment
from lending.rates import LATE_TERMS, LateTerms



@dataclass(frozen=True)
class Line:
    """One line of the statement: the balance is unpaid principal less the customer's credit."""

    day: date
    cause: str
    amount: int
    balance: int


class Loan:
    def __init__(self, quote: Quote, terms: LateTerms = LATE_TERMS, disbursed_on: date | None = None):
        self.quote = quote
        self.monthly = quote.request.monthly
        self.terms = terms
        self.installments = [Installment.of(row) for row in quote.schedule]
        # Between due dates what is owed grows from this day and this value.
        self.base_day = quote.request.release
        self.base_value: Fraction | int = quote.principal
        self.credit = 0
        # Everything received that pays the loan, without the customer's credit.
        self.taken = 0
        # Some money has bought future installments.
        self.prepaid = False
        self.written_off = False
        self.ledger: Counter[str] = Counter()
        self.lines: list[Line] = []
        self.post(
            principal_receivable=quote.principal,
            fee_income=-quote.fee,
            iof_payable=-quote.iof,
            cash=-quote.net,
        )
        self.write(disbursed_on or self.base_day, "disbursement", quote.principal)

    @classmethod
    def replay(cls, quote: Quote, events: Iterable[Event], terms: LateTerms = LATE_TERMS) -> "Loan":
        """The loan after its events, by day and, within a day, in the given order."""
        loan = cls(quote, terms)
        for event in sorted(events, key=lambda event: event.day):
            loan.apply(event)
        return loan

    def apply(self, event: Event) -> None:
        match event:
            case Payment():
                self.receive(event)
                self.write(event.day, f"payment {event.reference}", -event.amount)
            case Waiver():
                self.waive(event)
                self.write(event.day, f"waiver of {event.part}", -event.amount)
            case WriteOff():
                self.write_off(event.day)
            case Refund():
                self.refund(event)
                self.write(event.day, "refund", event.amount)
        if sum(self.ledger.values()) != 0:
            raise AssertionError(f"the books do not sum to zero after {event}")

    # Debt

    def due_by(self, day: date) -> list[Installment]:
        """Installments whose nominal due date has come."""
        return [part for part in self.installments if part.due <= day]

    def after(self, day: date) -> list[Installment]:
        return [part for part in self.installments if part.due > day]

    def owed_now(self, day: date) -> int:
        """Late installments with their charges, and those due."""
        return sum(part.unpaid + self.unpaid_charges(part, day) for part in self.due_by(day))

    def unpaid_charges(self, part: Installment, day: date) -> int:
        return part.unpaid_charges(day, self.monthly, self.terms)

    def total_charges(self, part: Installment, day: date) -> int:
        """All late charges of an installment, paid or not; those of a paid one do not grow."""
        return part.charges(part.paid_on or day, self.monthly, self.terms).total

    def unpaid_principal(self) -> int:
        return sum(part.unpaid_principal for part in self.installments)

    def face_value(self, day: date) -> int:
        """Everything unpaid without any discount."""
        return self.owed_now(day) + sum(part.unpaid for part in self.after(day))

    def payoff(self, day: date) -> int:
        """The amount that settles the loan on that day (Early payoff)."""
        return self.owed_now(day) + half_up(self.value_of_future(day))

    def value_of_future(self, day: date) -> Fraction:
        """Present value of the installments that are not due yet.

        It starts from the balance of the last due date, which is exact there, and
        grows at the contract rate. Money that a future installment has already
        received is taken off at its own present value.
        """
        future = [part for part in self.after(day) if part.due > self.base_day]
        if not any(part.unpaid for part in future):
            return Fraction(0)
        start, value = self.base_day, Fraction(self.base_value)
        for part in self.due_by(day):
            if part.due > start:
                start, value = part.due, Fraction(part.balance)
        value *= growth(self.monthly, (day - start).days)
        for part in future:
            received = part.scheduled - part.unpaid
            value -= received * growth(self.monthly, -(part.due - day).days)
        return value

    def last_is_paid_in_part(self, day: date) -> bool:
        """True if only one installment is still to come, and it has received money."""
        left = [part for part in self.after(day) if part.unpaid]
        return len(left) == 1 and left[0].paid.total > 0

    def days_overdue(self, day: date) -> int:
        return max((part.days_late(day) for part in self.installments if part.paid_on is None), default=0)

    @property
    def finished(self) -> bool:
        return all(part.paid_on is not None for part in self.installments)

    @property
    def finished_on(self) -> date | None:
        days = [part.paid_on for part in self.installments]
        return max(days) if self.finished else None

    # Payments

    def receive(self, payment: Payment) -> None:
        """Divides a payment (Allocation, Early payoff, Early money)."""
        if payment.kind == "payoff" and payment.amount >= self.payoff(payment.day):
            rest = self.settle(payment.amount, payment.day)
        else:
            rest = self.pay(self.due_by(payment.day), payment.amount, payment.day)
            if payment.kind == "prepayment":
                rest = self.complete_next(rest, payment.day)
            else:
                rest = self.pay(self.after(payment.day)[:1], rest, payment.day)
            if rest > 0:
                rest = self.prepay(rest, payment.day, payment.effect)
        self.credit += rest
        self.taken += payment.amount - rest
        self.post(customer_credit=-rest, cash=rest)

    def pay(self, parts: list[Installment], amount: int, day: date) -> int:
        """Pays installments at face value, the oldest first. Returns the rest."""
        for part in parts:
            shares = part.take(amount, day, self.monthly, self.terms)
            self.post_income(shares)
            amount -= shares.total
        return amount

    def complete_next(self, amount: int, day: date) -> int:
        """A next installment that is paid in part is completed before money buys others."""
        following = self.after(day)[:1]
        if following and 0 < following[0].unpaid < following[0].scheduled:
            return self.pay(following, amount, day)
        return amount

    def settle(self, amount: int, day: date) -> int:
        """Pays everything off. Returns what is more than enough."""
        amount = self.pay(self.due_by(day), amount, day)
        price = half_up(self.value_of_future(day))
        future = [part for part in self.after(day) if part.unpaid]
        self.post_purchase(
            price, sum(part.unpaid_principal for part in future), sum(part.unpaid_interest for part in future)
        )
        for part in future:
            part.settled = True
            part.discount = part.unpaid_interest
            part.paid.principal = part.principal
            part.paid_on = day
        return amount - price

    def prepay(self, amount: int, day: date, effect: Effect) -> int:
        """Buys future installments at their present value (Early money). Returns the rest."""
        future = [part for part in self.after(day) if part.unpaid]
        if not future:
            return amount
        self.prepaid = True
        price = half_up(self.value_of_future(day))
        if amount >= price:
            return self.settle(amount, day)
        before = sum(part.unpaid_principal for part in future)
        start, value, principal = self.value_after(price - amount, before, day)
        rows = self.amortize(value, principal, start, future, effect)
        interest = sum(part.unpaid_interest for part in future) - sum(part.interest for part in rows)
        self.post_purchase(amount, before - principal, interest)
        self.installments = [part for part in self.installments if part not in future] + rows
        self.base_day, self.base_value = start, value
        return 0

    def value_after(self, value: int, principal: int, day: date) -> tuple[date, int, int]:
        """From which day, value and principal the remaining installments are divided anew.

        If the next installment is paid already, its due date is that day: there the
        payoff must equal the balance of the books.
        """
        paid_ahead = [part.due for part in self.after(day) if part.unpaid == 0]
        if not paid_ahead:
            return day, value, min(principal, value)
        start = max(paid_ahead)
        grown = half_up(value * growth(self.monthly, (start - day).days))
        return start, grown, grown

    def amortize(
        self, value: int, principal: int, start: date, future: list[Installment], effect: Effect
    ) -> list[Installment]:
        """The remaining installments from their new value (reduce_term, reduce_installment)."""
        days = [(part.due - start).days for part in future]
        even = even_installment(value, self.monthly, days)
        rows, balance, owed, since = [], principal, value, 0
        for part, day in zip(future, days, strict=True):
            payment = part.scheduled if effect == "reduce_term" else even
            grown = half_up(owed * growth(self.monthly, day - since))
            is_last = part is future[-1] or (effect == "reduce_term" and grown <= payment)
            share = balance if is_last else payment - (grown - balance)
            if share <= 0:
                raise Refused("amount_out_of_range")
            interest = grown - balance
            balance -= share
            rows.append(Installment(part.number, part.due, interest, share, balance))
            if is_last:
                return rows
            owed, since = balance, day
        return rows

    # Other events

    def waive(self, waiver: Waiver) -> None:
        """The lender gives up charges or interest (Changing a loan, Waiver)."""
        part = next(part for part in self.installments if part.number == waiver.installment)
        charges = self.unpaid_charges(part, waiver.day)
        if waiver.part == "late_charges":
            if waiver.amount > charges:
                raise ValueError("more than the unpaid charges")
            part.waived.late_charges += waiver.amount
            part.close_if_paid(waiver.day, self.monthly, self.terms)
            self.post(discounts_given=waiver.amount, late_charges_income=-waiver.amount)
            return
        if waiver.amount > part.unpaid_interest:
            raise ValueError("more than the unpaid interest")
        part.waived.interest += waiver.amount
        part.follow(waiver.day)
        part.close_if_paid(waiver.day, self.monthly, self.terms)
        self.post(discounts_given=waiver.amount, interest_income=-waiver.amount)

    def write_off(self, day: date) -> None:
        """The unpaid principal becomes a loss; the receivable stays (Write-off)."""
        if self.written_off:
            raise ValueError("written off already")
        self.written_off = True
        unpaid = self.unpaid_principal()
        self.post(losses=unpaid, written_off=-unpaid)
        self.write(day, "write-off", 0)

    def refund(self, refund: Refund) -> None:
        """Returns credit to the customer (Money in the bank)."""
        if refund.amount > self.credit:
            raise ValueError("more than the customer's credit")
        self.credit -= refund.amount
        self.post(customer_credit=refund.amount, cash=-refund.amount)

    # Books

    def post_income(self, shares: Shares) -> None:
        """Interest is recognised when it is paid (Ledger)."""
        self.post_received(shares.total, shares.late_charges, shares.interest, shares.principal)

    def post_purchase(self, price: int, principal: int, interest: int) -> None:
        """Future installments bought. The difference to their face value is a discount."""
        self.post_received(price, 0, interest, principal)

    def post_received(self, cash: int, charges: int, interest: int, principal: int) -> None:
        """The lender gives a discount if the cash is less. After a write-off all cash is recovery.

        The receivables stay equal to what is unpaid, so a written-off principal stays
        there against the account `written_off`.
        """
        self.post(cash=cash, principal_receivable=-principal)
        if self.written_off:
            self.post(recovery_income=-cash, written_off=principal)
            return
        self.post(
            late_charges_income=-charges,
            interest_income=-interest,
            discounts_given=charges + interest + principal - cash,
        )

    def post(self, **amounts: int) -> None:
        self.ledger.update(amounts)

    def write(self, day: date, cause: str, amount: int) -> None:
        self.lines.append(Line(day, cause, amount, self.unpaid_principal() - self.credit))
