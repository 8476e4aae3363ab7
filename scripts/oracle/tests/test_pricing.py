"""The price of a loan against the published vectors and its invariants."""

import json
import os
import random
import unittest
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from lending import cet
from lending.growth import decimal_of, growth
from lending.money import cents, half_up, percent, printed_percent
from lending.pricing import Refused, Request, price, schedule
from lending.days import due_dates

VECTORS = Path(__file__).parents[3] / "crates/domain/testdata/pricing-vectors.json"


def request_of(given: dict) -> Request:
    first_due = given.get("first_due")
    return Request(
        requested=cents(given["requested"]),
        monthly=percent(given["monthly_percent"]),
        count=given["n"],
        release=date.fromisoformat(given["release"]),
        fee_rate=percent(given["fee_percent"]),
        regime=given["regime"],
        charges=given["charges"],
        first_due=date.fromisoformat(first_due) if first_due else None,
    )


class Vectors(unittest.TestCase):
    def test_every_vector_to_the_cent_and_to_the_digit(self):
        vectors = json.loads(VECTORS.read_text())
        self.assertEqual(len(vectors), 11)
        for vector in vectors:
            with self.subTest(vector["input"]):
                self.compare(vector)

    def compare(self, vector: dict):
        quote = price(request_of(vector["input"]))
        expected = vector["expected"]
        money = {
            "requested": quote.request.requested,
            "fee": quote.fee,
            "iof": quote.iof,
            "principal": quote.principal,
            "net": quote.net,
            "installment": quote.installment,
            "last": quote.schedule[-1].payment,
            "interest": quote.interest,
            "total": quote.total,
        }
        for name, amount in money.items():
            self.assertEqual(amount, cents(expected[name]), name)
        self.assertEqual(quote.schedule[0].due.isoformat(), expected["first_due"])
        self.assertEqual(quote.schedule[-1].due.isoformat(), expected["last_due"])
        for name in ("annual_rate", "cet_year", "cet_month"):
            self.assertEqual(str(getattr(quote, name)), expected[name], name)
        rows = [
            (row.due.isoformat(), row.days, row.payment, row.interest, row.principal, row.balance)
            for row in quote.schedule
        ]
        names = ("payment", "interest", "principal", "balance")
        self.assertEqual(
            rows, [(row["due"], row["days"], *(cents(row[name]) for name in names)) for row in vector["schedule"]]
        )


class TotalCost(unittest.TestCase):
    def test_example_of_the_central_bank(self):
        flows = [(Fraction(k, 12), cents("205.73")) for k in range(1, 6)]
        annual = cet.annual_cost(cents("940.00"), flows)
        self.assertEqual(printed_percent(annual), Decimal("43.93"))
        self.assertEqual(printed_percent(cet.monthly_cost(annual)), Decimal("3.08"))

    def test_a_year_of_365_days_is_ten_percent(self):
        self.assertEqual(printed_percent(cet.annual_cost(1_000_000, [(Fraction(1), 1_100_000)])), Decimal("10.00"))

    def test_a_leap_year_still_counts_365(self):
        days = (date(2025, 2, 1) - date(2024, 2, 1)).days
        self.assertEqual(days, 366)
        annual = cet.annual_cost(100_000, [(Fraction(days, 365), 110_000)])
        self.assertEqual(printed_percent(annual), Decimal("9.97"))

    def test_twelve_payments(self):
        release = date(2026, 1, 10)
        flows = [(Fraction((due - release).days, 365), 100_000) for due in due_dates(release, 12)]
        self.assertEqual(printed_percent(cet.annual_cost(1_000_000, flows)), Decimal("41.51"))

    def test_a_cost_beyond_the_limit_is_refused(self):
        with self.assertRaises(cet.Unpriceable):
            cet.annual_cost(100, [(Fraction(1), 100_101)])
        self.assertEqual(printed_percent(cet.annual_cost(100, [(Fraction(1), 100_100)])), Decimal("100000.00"))


class Growth(unittest.TestCase):
    def test_whole_months_are_exact(self):
        self.assertEqual(growth(percent("2"), 30), Fraction(102, 100))
        self.assertEqual(half_up(1_000_075 * (growth(percent("2"), 30) - 1)), 20_002)

    def test_half_a_month_at_21_percent_is_exact(self):
        self.assertEqual(growth(percent("21"), 15), Fraction(11, 10))


class CannotBePriced(unittest.TestCase):
    def cause(self, requested: int, monthly: str, count: int, release: date) -> str:
        with self.assertRaises(Refused) as caught:
            schedule(requested, percent(monthly), release, due_dates(release, count))
        return str(caught.exception)

    def causes_of_the_year(self, monthly: str, count: int) -> set[str]:
        causes = set()
        for month in range(1, 13):
            release = date(2026, month, 1)
            try:
                schedule(10_000_000_000, percent(monthly), release, due_dates(release, count))
                causes.add("priced")
            except Refused as refusal:
                causes.add(str(refusal))
        return causes

    def test_a_tiny_amount(self):
        self.assertEqual(self.cause(10, "2.5", 24, date(2026, 1, 15)), "amount_out_of_range")

    def test_terms_that_depend_on_the_month_of_release(self):
        for monthly, count in (("7", 57), ("10", 40), ("15", 27)):
            with self.subTest(monthly):
                self.assertIn("installments_out_of_range", self.causes_of_the_year(monthly, count))


class Invariants(unittest.TestCase):
    def test_random_loans(self):
        seed = int(os.environ.get("ORACLE_SEED", "18"))
        chance = random.Random(seed)
        for _ in range(60):
            request = Request(
                requested=chance.randint(100_000, 10_000_000),
                monthly=Fraction(chance.randint(50, 900), 10_000),
                count=chance.randint(1, 24),
                release=date.fromordinal(date(2026, 1, 1).toordinal() + chance.randrange(1500)),
                fee_rate=percent("1.2"),
                regime=chance.choice(["company", "person", "simples", "mei"]),
                charges=chance.choice(["financed", "deducted"]),
            )
            with self.subTest(request):
                self.hold_for(request)

    def hold_for(self, request: Request):
        quote = price(request)
        rows = quote.schedule
        self.assertEqual(sum(row.principal for row in rows), quote.principal)
        self.assertEqual(sum(row.payment for row in rows), quote.principal + quote.interest)
        self.assertEqual(rows[-1].balance, 0)
        self.assertEqual(quote.principal, quote.net + quote.fee + quote.iof)
        annual = quote.annual_cost
        flows = [(Fraction(row.days, 365), row.payment) for row in rows]
        back = cet.present_value(flows, decimal_of(annual))
        self.assertLessEqual(abs(back - quote.net), Decimal("0.5"))
        self.assertGreaterEqual(quote.cet_year, quote.annual_rate)


class ReducedRate(unittest.TestCase):
    def quote(self, requested: str, regime: str):
        return price(
            Request(cents(requested), percent("2.5"), 12, date(2026, 1, 15), percent("1.2"), regime, "financed")
        )

    def test_it_ends_where_the_principal_at_these_rates_passes_30000(self):
        reduced = percent("0.00274")
        self.assertEqual(self.quote("29000.00", "mei").daily_iof_rate, reduced)
        self.assertEqual(self.quote("29900.00", "mei").daily_iof_rate, percent("0.0082"))
        self.assertEqual(self.quote("29000.00", "company").daily_iof_rate, percent("0.0082"))


class FixedPoint(unittest.TestCase):
    def test_of_two_alternating_principals_the_larger_wins_and_the_iof_balances(self):
        quote = price(Request(cents("62268.85"), percent("5.94"), 37, date(2027, 7, 18), percent("1.2"),
                              "company", "financed"))
        self.assertEqual(quote.principal, cents("65113.06"))
        self.assertEqual(quote.iof, quote.principal - quote.request.requested - quote.fee)

    def test_an_amount_on_the_way_may_have_empty_parts(self):
        quote = price(Request(176, percent("2.345678"), 58, date(2029, 7, 18), percent("3.5"), "person", "financed"))
        self.assertEqual((quote.principal, quote.iof), (188, 6))
