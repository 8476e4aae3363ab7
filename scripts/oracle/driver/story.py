"""One life story: a loan, random steps, and a comparison after each of them."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from driver.client import Client
from driver.compare import Comparison, Difference, simulation_differences
from driver.opening import Opened, Terms, moment, open_loan, random_terms
from lending.events import Event, Payment, WriteOff
from lending.loan import Loan
from lending.money import reais

DAY = timedelta(days=1)
# The server writes a loan off only beyond this number of days overdue (its MANUAL).
WRITE_OFF_BEYOND_DAYS = 90

# Steps of the rules that the server does not have yet. The oracle has them, with tests.
SERVER_LACKS = {
    "prepayment": "money beyond the next installment buys future ones at their present value (Early money)",
    "waiver": "late charges or interest that the lender gives up (Changing a loan)",
    "withdrawal": "the customer withdraws within seven days (Changing a loan)",
    "renegotiation": "several loans become one agreement (Changing a loan)",
    "complementary IOF": "tax on late installments (IOF after the release)",
    "re-pricing": "the money leaves on another day than the release (The day the money leaves)",
    "money after the end": "a payment on another day than the one that finished the loan (Money in the bank)",
    "money after a payoff of the day": "it is the customer's credit; the server applies it first (Early payoff)",
    "money from before a write-off": "recorded after it; the rules do not say whether it is recovery (Write-off)",
    "refund": "credit goes back to the customer (Money in the bank)",
    "bank lines": "lines = postings + suspense (Money in the bank)",
}
# Lacks of the server that a random step can run into. `--include` tries them all the same.
LEFT_OUT = ["prepayment", "money after the end", "money after a payoff of the day", "money from before a write-off"]


@dataclass
class Recorded:
    """A payment that the server has, with its id."""

    id: str
    payment: Payment


@dataclass
class Outcome:
    number: int
    terms: Terms
    steps: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    # Steps left out because the server lacks what they need.
    avoided: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0


class Story:
    def __init__(self, client: Client, number: int, seed: int, today: date, included: set[str], others: dict[str, int]):
        self.client = client
        self.chance = random.Random(f"{seed}/{number}")
        self.outcome = Outcome(number, random_terms(self.chance, today))
        self.included = included
        self.others = others
        self.clocks: list[str] = []
        self.events: list[Event] = []
        self.recorded: list[Recorded] = []
        self.names = 0
        # Each act with the principal that is unpaid after it: what the journal must say.
        self.acts: list[tuple[str, str]] = []
        # The books at the end of the day before.
        self.opening: dict[str, int] = {}
        # Weight of payments among the steps. Customers with 1 hardly pay, so their loans are written off.
        self.payments = self.chance.choice([1, 3, 6, 6])

    def run(self, steps: int) -> Outcome:
        self.begin()
        self.check("disbursement")
        for _ in range(steps):
            if self.outcome.differences:
                return self.outcome
            self.step()
        self.outcome.differences += self.comparison.journal(self.acts)
        return self.outcome

    def end(self) -> None:
        """Deletes the story's clock with its loan."""
        for clock in self.clocks:
            self.client.partner("DELETE", f"/sandbox/clocks/{clock}").expect(204)

    def ledger(self) -> dict[str, int]:
        return dict(self.replay(self.events).ledger)

    def begin(self) -> None:
        def compare(simulation: dict, quote: Any) -> None:
            self.outcome.differences += simulation_differences(simulation, quote)

        name = f"story {self.outcome.number}"
        self.opened: Opened = open_loan(self.client, self.outcome.terms, self.chance, name, compare, self.clocks)
        self.day = self.opened.day
        self.comparison = Comparison(self.client, self.opened.loan, self.others)

    def replay(self, events: list[Event]) -> Loan:
        return Loan.replay(self.opened.quote, events)

    def check(self, step: str) -> None:
        self.outcome.steps.append(f"{self.day} {step}")
        loan = self.replay(self.events)
        self.outcome.differences += self.comparison.differences(loan, self.day)
        self.outcome.doubtful = self.comparison.doubtful
        self.outcome.differences += self.comparison.day_of_the_books(loan, self.opening, self.day)
        cause = step.split(" ")[0]
        if cause != "time":
            self.acts.append((cause.replace("-", "_"), reais(loan.unpaid_principal())))

    def step(self) -> None:
        choices = [self.let_time_pass] * 4 + [self.reverse]
        if self.replay(self.events).finished:
            choices += [self.reverse] * 4 + [self.pay]
        else:
            choices += [self.pay] * self.payments + [self.pay_off, self.write_off, self.write_off]
        while not self.chance.choice(choices)():
            pass

    # Time

    def let_time_pass(self) -> bool:
        loan = self.replay(self.events)
        ahead = [part.due for part in loan.installments if part.due > self.day]
        targets = [self.day + self.chance.randint(1, 20) * DAY, self.day + self.chance.randint(20, 80) * DAY]
        if ahead:
            effective = next(part.effective_due for part in loan.installments if part.due == ahead[0])
            targets += [ahead[0], ahead[0] - DAY, effective, effective + DAY]
        target = self.chance.choice([day for day in targets if day > self.day])
        path = f"/sandbox/clocks/{self.opened.clock}/advance"
        self.client.partner("POST", path, {"until": moment(target, self.outcome.terms.time_of_day)}).expect(200)
        self.opening = dict(loan.ledger)
        self.day = target
        self.check("time passes")
        return True

    # Payments

    def pay(self) -> bool:
        day = self.day_of_payment()
        loan = self.replay([event for event in self.events if event.day <= day])
        amount = self.amount(loan, day)
        return amount > 0 and self.record(amount, day, "installments")

    def day_of_payment(self) -> date:
        """Mostly today; sometimes an earlier day, for a payment that is recorded late."""
        if self.chance.random() < 0.8:
            return self.day
        return self.day - self.chance.randint(0, (self.day - self.opened.day).days) * DAY

    def amount(self, loan: Loan, day: date) -> int:
        due = loan.owed_now(day)
        following = sum(part.unpaid for part in loan.after(day)[:1])
        parts = [due, due + following, following, due // 2, due // 3, 1, due + 1, due + following // 2]
        part = self.chance.choice(parts)
        return part if part > 0 else self.chance.randint(1, max(1, due + following))

    def pay_off(self) -> bool:
        loan = self.replay(self.events)
        # Two readings of such a payoff would lead to two stories.
        if loan.finished or loan.last_is_paid_in_part(self.day):
            return False
        extra = self.chance.choice([0, 0, 0, 1, 500, -1])
        return self.record(loan.payoff(self.day) + extra, self.day, "payoff")

    def record(self, amount: int, day: date, kind: Any) -> bool:
        """Sends a payment, unless it needs what the server lacks."""
        self.names += 1
        payment = Payment(f"E{self.outcome.number}-{self.names}", amount, day, kind)
        if amount <= 0 or self.after_the_end(day) or self.before_a_write_off(day):
            return False
        if self.needs_more([*self.events, payment]):
            return False
        body = {"reference": payment.reference, "amount": reais(amount), "paid_on": day.isoformat(), "kind": kind,
                "confirm_overpayment": True}
        answer = self.client.operator("POST", f"/loans/{self.opened.loan}/payments", body).expect(200, 201)
        self.events.append(payment)
        self.recorded.append(Recorded(answer["id"], payment))
        self.check(f"payment of {reais(amount)} on {day} as {kind}")
        return True

    def needs_more(self, events: list[Event]) -> bool:
        return self.replay(events).prepaid and self.avoid("prepayment")

    def after_the_end(self, day: date) -> bool:
        if self.has_payoff_on(day):
            return self.avoid("money after a payoff of the day")
        loan = self.replay(self.events)
        return loan.finished and loan.finished_on != day and self.avoid("money after the end")

    def has_payoff_on(self, day: date) -> bool:
        return any(isinstance(event, Payment) and event.kind == "payoff" and event.day == day for event in self.events)

    def before_a_write_off(self, day: date) -> bool:
        written_off = [event.day for event in self.events if isinstance(event, WriteOff)]
        return any(day < other for other in written_off) and self.avoid("money from before a write-off")

    def avoid(self, lack: str) -> bool:
        if lack in self.included:
            return False
        self.outcome.avoided[lack] += 1
        return True

    # An operator's other acts

    def reverse(self) -> bool:
        if not self.recorded:
            return False
        chosen = self.chance.choice(self.recorded)
        left = [event for event in self.events if event is not chosen.payment]
        if self.needs_more(left):
            return False
        self.client.operator("POST", f"/payments/{chosen.id}/reverse", {}).expect(200)
        self.events = left
        self.recorded.remove(chosen)
        self.check(f"reversal of {chosen.payment.reference}")
        return True

    def write_off(self) -> bool:
        loan = self.replay(self.events)
        if loan.written_off or loan.finished or loan.days_overdue(self.day) <= WRITE_OFF_BEYOND_DAYS:
            return False
        body = {"reason": "Sem bens."}
        self.client.operator("POST", f"/loans/{self.opened.loan}/write-off", body).expect(200)
        self.events.append(WriteOff(self.day))
        self.check("write-off")
        return True
