"""From a new clock to an active loan, with people's decisions made by an operator."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlparse

from driver.client import Client, UnexpectedAnswer
from lending.cet import Unpriceable
from lending.days import add_months, is_holiday
from lending.documents import cnpj_from, cpf_from
from lending.money import percent, reais
from lending.pricing import Quote, Refused, Request, price

# Times of São Paulo in UTC, three hours ahead of it. Real time passes too, so none is near its midnight.
MORNING = timedelta(hours=12)
JUST_AFTER_MIDNIGHT = timedelta(hours=3, minutes=5)
LATE_EVENING = timedelta(days=1, hours=2, minutes=20)
PATIENCE_SECONDS = 20
PHOTOGRAPH = b"\xff\xd8\xff\xe0photo"
UPLOADS_INSTEAD = {"identity_card_front", "identity_card_back", "biometrics"}


@dataclass(frozen=True)
class Opened:
    clock: str
    loan: str
    quote: Quote
    day: date


@dataclass(frozen=True)
class Terms:
    """The random part of a story's beginning."""

    day: date
    borrower: str
    requested: int
    monthly_percent: Decimal
    count: int
    fee_percent: Decimal
    charges: str
    returned_first: bool
    time_of_day: timedelta

    def request(self) -> Request:
        regime = {"person": "person", "mei": "mei", "ei": "company", "eireli": "company"}[self.borrower]
        return Request(
            requested=self.requested,
            monthly=percent(str(self.monthly_percent)),
            count=self.count,
            release=self.day,
            fee_rate=percent(str(self.fee_percent)),
            regime=regime,
            charges=self.charges,
        )


def random_terms(chance: random.Random, today: date) -> Terms:
    """Terms that the rules can price."""
    while True:
        terms = Terms(
            day=random_release(chance, today),
            borrower=chance.choice(["person", "mei", "mei", "ei", "eireli"]),
            requested=chance.choice([chance.randint(20_000, 3_500_000), chance.randint(1_000, 20_000)]),
            monthly_percent=Decimal(chance.choice(["2", "2.5", "3.5", "1.99", "0.5", "2.345678", "5.75", "12"])),
            count=chance.choice([1, 2, 3, 4, 6, 10, 12, 13, 18, 24]),
            fee_percent=Decimal(chance.choice(["0", "1.2", "1.2", "3.5"])),
            charges=chance.choice(["financed", "financed", "deducted"]),
            returned_first=chance.random() < 0.15,
            time_of_day=chance.choice([MORNING, JUST_AFTER_MIDNIGHT, LATE_EVENING]),
        )
        try:
            if price(terms.request()).net > 0:
                return terms
        except (Refused, Unpriceable):
            continue


def random_release(chance: random.Random, today: date) -> date:
    """Any day, or one whose first installment falls due on a holiday."""
    day = today + timedelta(days=chance.randint(40, 1200))
    if chance.random() < 0.6:
        return day
    while not is_holiday(day):
        day += timedelta(days=1)
    return add_months(day.year, day.month, -1, day.day)


def until(question: Callable[[], Any]) -> Any:
    """Asks again until there is an answer. Workers of the server need a moment."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise UnexpectedAnswer("the server did not come to the expected state in time")


def open_loan(
    client: Client, terms: Terms, chance: random.Random, name: str, compare: Callable, clocks: list[str]
) -> Opened:
    clock = client.partner(
        "POST", "/sandbox/clocks", {"name": name, "begins_at": moment(terms.day, terms.time_of_day)}
    ).expect(201)["id"]
    clocks.append(clock)
    customer = register(client, terms, chance, clock)
    decide(client, customer, terms)
    simulation, loan = request_loan(client, available_offer(client, customer), terms)
    quote = price(terms.request())
    compare(simulation, quote)
    sign(client, loan, clock)
    disburse(client, loan, terms)
    return Opened(clock, loan, quote, terms.day)


def register(client: Client, terms: Terms, chance: random.Random, clock: str) -> str:
    tags = "+manual" + (f"+{terms.borrower}" if terms.borrower in ("ei", "eireli") else "")
    body = {
        "cpf": cpf_from(f"{chance.randrange(10**9):09d}"),
        "name": "Rita Campos",
        "email": f"rita{tags}@example.com",
        "phone": "+5511988888888",
        "external_id": f"story-{chance.randrange(10**9)}",
        "clock_id": clock,
    }
    if terms.borrower != "person":
        body["cnpj"] = cnpj_from(f"{chance.randrange(10**8):08d}0001")
    customer = client.partner("POST", "/v3/customers", body).expect(201)
    for item in customer["kyc"]:
        if item["kind"] == "document" and item["type"] not in UPLOADS_INSTEAD:
            content = PHOTOGRAPH + item["type"].encode()
            client.upload(f"/v3/customers/{customer['id']}/documents", item["type"], content).expect(200, 201)
    return customer["id"]


def decide(client: Client, customer: str, terms: Terms) -> None:
    """The operator accepts the documents and approves exactly the credit of the terms."""
    offer = {
        "approved_amount": reais(terms.requested),
        "min_amount": reais(terms.requested),
        "installments": terms.count,
    }
    approve(client, customer, terms, offer)


def approve(client: Client, customer: str, terms: Terms, offer: dict) -> None:
    case = until(lambda: under_review(client, customer))
    decisions = [
        {
            "requirement_id": requirement["id"],
            "verdict": "accept",
            "document_ids": [attachment["document_id"] for attachment in requirement["attachments"]],
        }
        for requirement in case["requirements"]
    ]
    client.operator("POST", f"/customers/{customer}/kyc-decisions", {"decisions": decisions}).expect(200)
    offer |= {
        "interest_rate": float(terms.monthly_percent),
        "service_fee": float(terms.fee_percent),
        "charges": terms.charges,
    }
    decision = {"outcome": "approved", "policy_version": "oraculo", "reasons": ["história"], "offer": offer}
    client.operator("POST", f"/customers/{customer}/credit-decisions", decision).expect(200, 201)


def under_review(client: Client, customer: str) -> Any:
    case = client.operator("GET", f"/customers/{customer}").expect(200)
    return case if case["status"] == "under_review" else None


def request_loan(client: Client, offer: str, terms: Terms) -> tuple[dict, str]:
    """A simulation, and a loan with its figures."""
    asked = {"requested_amount": reais(terms.requested), "installment_count": terms.count}
    simulation = client.partner("POST", f"/v3/credit-offers/{offer}/simulations", asked).expect(201)
    body = {
        "credit_offer_id": offer,
        "simulation_id": simulation["id"],
        "installments": simulation["number_of_installments"],
        "installments_value": simulation["installments_value"],
        "first_due_date": simulation["first_due_date"],
    }
    return simulation, client.partner("POST", "/v3/loans", body).expect(201)["id"]


def available_offer(client: Client, customer: str) -> str:
    path = f"/v3/customers/{customer}/credit-offers?status=available"
    return until(lambda: client.partner("GET", path).expect(200)["data"])[0]["id"]


def sign(client: Client, loan: str, clock: str) -> None:
    """Signs on the customer's page, with the code from the e-mail."""
    url = until(lambda: client.partner("GET", f"/v3/loans/{loan}").expect(200)["signing_url"])
    path = urlparse(url).path
    client.form(f"{path}/code", "").expect(200, 303)
    mails = f"/sandbox/mails?clock_id={clock}"
    code = until(lambda: code_of(client.partner("GET", mails).expect(200)["data"]))
    client.form(path, f"code={code}&consent=yes").expect(200, 303)
    until(lambda: client.partner("GET", f"/v3/loans/{loan}").expect(200)["status"] == "signed")


def code_of(mails: list[dict]) -> str | None:
    for mail in mails:
        last = mail["subject"].split(" ")[-1]
        if last.isdigit() and len(last) == 6:
            return last
    return None


def disburse(client: Client, loan: str, terms: Terms) -> None:
    client.operator("POST", f"/loans/{loan}/disbursement", {}).expect(200)
    if terms.returned_first:
        reason = {"code": "disbursement_failed", "message": "O Pix foi devolvido pelo banco."}
        client.operator("POST", f"/loans/{loan}/disbursement/fail", reason).expect(200)
        client.operator("POST", f"/loans/{loan}/disbursement/again", {}).expect(200)
    client.operator("POST", f"/loans/{loan}/disbursement/confirm", {}).expect(200)


def moment(day: date, time_of_day: timedelta) -> str:
    """That time of the business date, as a timestamp in UTC."""
    return f"{datetime(day.year, day.month, day.day) + time_of_day:%Y-%m-%dT%H:%M:%SZ}"


def business_day_of(timestamp: str) -> date:
    """The day in São Paulo, which is three hours behind UTC all year."""
    return (datetime.fromisoformat(timestamp.replace("Z", "+00:00")) - timedelta(hours=3)).date()
