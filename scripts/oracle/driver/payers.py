"""Loans that the sandbox leads and pays by itself: on the due date, or ten days late."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from driver.client import Client
from driver.compare import Comparison, Difference, simulation_differences
from driver.opening import (
    MORNING, PHOTOGRAPH, UPLOADS_INSTEAD, Terms, available_offer, moment, request_loan, until,
)
from lending.documents import cnpj_from, cpf_from
from lending.events import Payment
from lending.loan import Loan
from lending.money import cents
from lending.pricing import price

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Habit:
    """A tag of the e-mail address, and how long after the due date it makes the sandbox pay."""

    tag: str
    days_late: int


HABITS = [Habit("pays_on_time", 0), Habit("pays_late", 10)]
# Tags of the e-mail address that choose the offer: rate, installments, largest amount.
OFFERS = {"": ("3.5", 12, "50000.00"), "+small_offer": ("1.99", 6, "5000.00"), "+range_offer": ("3.5", 24, "50000.00")}


def compare_payer(client: Client, number: int, seed: int, today: date) -> list[Difference]:
    """The whole life of one loan, a month a step."""
    chance = random.Random(f"payers/{seed}/{number}")
    habit = HABITS[number % len(HABITS)]
    offer_tag = chance.choice(list(OFFERS))
    terms = terms_of(chance, today, offer_tag)
    clock = {"name": f"payer {number}", "begins_at": moment(terms.day, terms.time_of_day)}
    clock_id = client.partner("POST", "/sandbox/clocks", clock).expect(201)["id"]
    try:
        customer = register(client, chance, clock_id, f"+{habit.tag}{offer_tag}")
        simulation, loan_id = request_loan(client, available_offer(client, customer), terms)
        until(lambda: client.partner("GET", f"/v3/loans/{loan_id}").expect(200)["status"] == "active")
        found = list(simulation_differences(simulation, price(terms.request())))
        return found + live(client, clock_id, Comparison(client, loan_id, {}), terms, habit)
    finally:
        client.partner("DELETE", f"/sandbox/clocks/{clock_id}").expect(204)


def terms_of(chance: random.Random, today: date, offer_tag: str) -> Terms:
    rate, count, largest = OFFERS[offer_tag]
    return Terms(
        day=today + timedelta(days=chance.randint(2, 1200)),
        borrower="mei",
        requested=chance.randint(100_000, cents(largest)),
        monthly_percent=Decimal(rate),
        count=count if offer_tag != "+range_offer" else chance.randint(3, 24),
        fee_percent=Decimal("1.2"),
        charges="financed",
        returned_first=False,
        time_of_day=MORNING,
    )


def register(client: Client, chance: random.Random, clock: str, tags: str) -> str:
    body = {
        "cpf": cpf_from(f"{chance.randrange(10**9):09d}"),
        "cnpj": cnpj_from(f"{chance.randrange(10**8):08d}0001"),
        "name": "Rita Campos",
        "email": f"rita{tags}@example.com",
        "phone": "+5511988888888",
        "clock_id": clock,
    }
    customer = client.partner("POST", "/v3/customers", body).expect(201)
    for item in customer["kyc"]:
        if item["kind"] == "document" and item["type"] not in UPLOADS_INSTEAD:
            client.upload(f"/v3/customers/{customer['id']}/documents", item["type"], PHOTOGRAPH).expect(200, 201)
    return customer["id"]


def live(client: Client, clock: str, comparison: Comparison, terms: Terms, habit: Habit) -> list[Difference]:
    quote = price(terms.request())
    payments: list[Payment] = []
    for row in quote.schedule:
        paid_on = row.due + habit.days_late * DAY
        owed = Loan.replay(quote, payments).owed_now(paid_on)
        payments.append(Payment(f"P{row.number}", owed, paid_on))
        day = paid_on + DAY
        until_then = {"until": moment(day, terms.time_of_day)}
        client.partner("POST", f"/sandbox/clocks/{clock}/advance", until_then).expect(200)
        found = comparison.differences(Loan.replay(quote, payments), day)
        if found:
            where = f"{habit.tag}, {terms}, on {day}"
            return [Difference(f"{where}: {line.where}", line.server, line.oracle) for line in found]
    return []
