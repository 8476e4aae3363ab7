"""Simulations of random amounts and terms, also of those that cannot be priced."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from driver.client import Client
from driver.compare import Difference, simulation_differences
from driver.opening import JUST_AFTER_MIDNIGHT, LATE_EVENING, MORNING, Terms, approve, available_offer, moment, register
from lending.cet import Unpriceable
from lending.money import reais
from lending.pricing import Refused, price

SIMULATIONS_OF_AN_OFFER = 50
MOST_INSTALLMENTS = 60
LARGEST = 10_000_000
RATES = ["0", "0.01", "1", "1.99", "2", "2.345678", "3.5", "5", "7", "10", "15", "21", "50", "100"]


def offer_terms(chance: random.Random, today: date) -> Terms:
    return Terms(
        day=today + timedelta(days=chance.randint(2, 1400)),
        borrower=chance.choice(["person", "mei", "eireli"]),
        requested=LARGEST,
        monthly_percent=Decimal(chance.choice(RATES)),
        count=MOST_INSTALLMENTS,
        fee_percent=Decimal(chance.choice(["0", "1.2", "3.5"])),
        charges=chance.choice(["financed", "deducted"]),
        returned_first=False,
        time_of_day=chance.choice([MORNING, JUST_AFTER_MIDNIGHT, LATE_EVENING]),
    )


def compare_offer(client: Client, number: int, seed: int, today: date, outcomes: Counter[str]) -> list[Difference]:
    """One offer with a choice of terms, and many simulations of it."""
    chance = random.Random(f"quotes/{seed}/{number}")
    terms = offer_terms(chance, today)
    clock = {"name": f"quotes {number}", "begins_at": moment(terms.day, terms.time_of_day)}
    clock_id = client.partner("POST", "/sandbox/clocks", clock).expect(201)["id"]
    try:
        customer = register(client, terms, chance, clock_id)
        choice = {"approved_amount": reais(LARGEST), "min_amount": "0.01", "min_installments": 1}
        approve(client, customer, terms, choice | {"max_installments": MOST_INSTALLMENTS})
        offer = available_offer(client, customer)
        found = []
        for _ in range(SIMULATIONS_OF_AN_OFFER):
            found += compare_simulation(client, offer, random_choice(chance, terms), outcomes)
        return found
    finally:
        client.partner("DELETE", f"/sandbox/clocks/{clock_id}").expect(204)


def random_choice(chance: random.Random, terms: Terms) -> Terms:
    """Amounts of every size, and often near the limit of the reduced rate."""
    largest = chance.choice([200, 20_000, 500_000, LARGEST])
    near_limit = chance.randint(2_850_000, 3_000_000)
    amount = chance.choice([chance.randint(1, largest), chance.randint(1, largest), near_limit])
    return replace(terms, requested=amount, count=chance.randint(1, MOST_INSTALLMENTS))


def compare_simulation(client: Client, offer: str, terms: Terms, outcomes: Counter[str]) -> list[Difference]:
    asked = {"requested_amount": reais(terms.requested), "installment_count": terms.count}
    answer = client.partner("POST", f"/v3/credit-offers/{offer}/simulations", asked)
    expected = "priced"
    try:
        quote = price(terms.request())
        if quote.net <= 0:
            expected = "amount_out_of_range"
        else:
            assert quote.cet_year is not None
    except Refused as refusal:
        expected = str(refusal)
    except Unpriceable:
        expected = "unpriceable"
    outcomes[expected] += 1
    server = "priced" if answer.status == 201 else answer.body.get("code")
    if server != expected:
        return [Difference(f"simulation of {terms}", f"{server}: {answer.body}", expected)]
    if expected != "priced":
        return []
    return [
        Difference(f"{line.where} of {terms}", line.server, line.oracle)
        for line in simulation_differences(answer.body, quote)
    ]
