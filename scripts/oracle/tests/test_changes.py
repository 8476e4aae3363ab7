"""Complementary IOF, re-pricing, withdrawal and renegotiation."""

import unittest
from dataclasses import replace
from datetime import date

from lending.changes import disburse_by, due_dates_from, renegotiate, reprice, withdrawal_amount
from lending.loan import Loan
from lending.money import cents, percent
from lending.pricing import Refused, Request, price
from lending.rates import iof_rates
from lending.tax import complementary_iof, remittance_due, taxed_days

RELEASE = date(2026, 1, 15)
REQUEST = Request(cents("10000.00"), percent("2.5"), 12, RELEASE, percent("1.2"), "company", "financed")


class MoneyOnAnotherDay(unittest.TestCase):
    def test_last_day_for_the_money(self):
        # 2026-01-15 is a Thursday.
        self.assertEqual(disburse_by(RELEASE), date(2026, 1, 20))

    def test_the_same_day_changes_nothing(self):
        quote = price(REQUEST)
        self.assertEqual(reprice(quote, RELEASE).quote, quote)

    def test_what_the_customer_receives_and_the_due_dates_stay(self):
        for charges in ("financed", "deducted"):
            quote = price(replace(REQUEST, charges=charges))
            moved = reprice(quote, date(2026, 1, 19)).quote
            self.assertEqual(moved.net, quote.net)
            self.assertEqual([row.due for row in moved.schedule], [row.due for row in quote.schedule])
            self.assertEqual(moved.principal, moved.net + moved.fee + moved.iof)
            self.assertLess(moved.interest, quote.interest)

    def test_a_first_due_date_that_is_too_near_moves_all_by_a_month(self):
        days = due_dates_from(date(2026, 1, 31), 3, date(2026, 1, 17))
        self.assertEqual([day.isoformat() for day in days], ["2026-02-28", "2026-03-31", "2026-04-30"])
        days = due_dates_from(date(2026, 1, 31), 1, date(2026, 1, 16))
        self.assertEqual(days, [date(2026, 1, 31)])

    def test_too_high_an_installment_must_be_signed_again(self):
        quote = price(replace(REQUEST, first_due=date(2026, 1, 31)))
        self.assertTrue(reprice(quote, date(2026, 1, 19)).must_sign_again)
        self.assertFalse(reprice(price(REQUEST), date(2026, 1, 16)).must_sign_again)

    def test_it_expires(self):
        with self.assertRaises(Refused):
            reprice(price(REQUEST), date(2026, 1, 21))


class Withdrawal(unittest.TestCase):
    def test_what_goes_back(self):
        quote = price(REQUEST)
        self.assertEqual(withdrawal_amount(quote, RELEASE, RELEASE, False, False), cents("10000.00"))
        self.assertEqual(withdrawal_amount(quote, RELEASE, date(2026, 1, 22), True, True), quote.principal)
        with self.assertRaises(Refused):
            withdrawal_amount(quote, RELEASE, date(2026, 1, 23), True, True)


class ComplementaryIof(unittest.TestCase):
    def test_a_late_installment(self):
        part = Loan(price(REQUEST)).installments[0]
        table = iof_rates(RELEASE)
        daily = percent("0.0082")
        paid_on = date(2026, 3, 17)
        tax = complementary_iof(part, [(part.due, 100_000)], paid_on, RELEASE, daily, table)
        self.assertEqual(tax, 246)  # 1,000.00 x 30 days x 0.0082 %
        on_time = complementary_iof(part, [(part.due, 100_000)], part.effective_due, RELEASE, daily, table)
        self.assertEqual(on_time, 0)

    def test_it_ends_365_days_after_the_release(self):
        self.assertEqual(taxed_days(RELEASE, date(2026, 12, 15), date(2027, 6, 1), 365), 31)
        self.assertEqual(taxed_days(RELEASE, date(2027, 1, 15), date(2027, 6, 1), 365), 0)

    def test_remittance(self):
        self.assertEqual(remittance_due(date(2026, 2, 10)), date(2026, 2, 13))
        self.assertEqual(remittance_due(date(2026, 2, 11)), date(2026, 2, 25))
        self.assertEqual(remittance_due(date(2026, 2, 28)), date(2026, 3, 4))


class Renegotiation(unittest.TestCase):
    def test_opening_amount_entry_and_tax(self):
        loans = [Loan(price(REQUEST)), Loan(price(replace(REQUEST, requested=cents("3000.00"))))]
        day = date(2026, 5, 20)
        asked = replace(REQUEST, count=18, first_due=date(2026, 6, 20))
        agreement = renegotiate(loans, day, cents("500.00"), asked, "present_value")
        self.assertEqual(agreement.opening, sum(loan.payoff(day) for loan in loans))
        self.assertEqual(agreement.principal, agreement.opening - cents("500.00") + agreement.complementary_iof)
        self.assertEqual(sum(row.principal for row in agreement.schedule), agreement.principal)
        self.assertEqual(agreement.schedule[-1].balance, 0)
        self.assertGreater(agreement.complementary_iof, 0)
        self.assertEqual(agreement.days_overdue, loans[0].days_overdue(day))
        face = renegotiate(loans, day, 0, asked, "face_value")
        self.assertGreater(face.opening, agreement.opening)
