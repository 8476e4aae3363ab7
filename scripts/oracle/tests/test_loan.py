"""Running loans: the vectors of the rules, and properties over random loans."""

import random
import unittest
from datetime import date, timedelta
from fractions import Fraction

from lending.events import Payment, Refund, Waiver, WriteOff
from lending.growth import growth
from lending.late import late_charges
from lending.loan import Loan
from lending.money import cents, half_up, percent
from lending.pricing import Quote, Request, price
from lending.rates import LATE_TERMS

DAY = timedelta(days=1)


def quote_of(requested: str = "10000.00", monthly: str = "2.5", count: int = 12, release: str = "2026-01-15") -> Quote:
    return price(
        Request(cents(requested), percent(monthly), count, date.fromisoformat(release), percent("1.2"),
                "company", "financed")
    )


def random_quote(chance: random.Random) -> Quote:
    return price(
        Request(
            requested=chance.randint(100_000, 5_000_000),
            monthly=Fraction(chance.randint(50, 700), 10_000),
            count=chance.randint(1, 18),
            release=date(2026, 1, 1) + chance.randrange(700) * DAY,
            fee_rate=percent("1.2"),
            regime="company",
            charges="financed",
        )
    )


def on_time(quote: Quote, count: int) -> list[Payment]:
    return [Payment(f"P{row.number}", row.payment, row.due) for row in quote.schedule[:count]]


class LateCharges(unittest.TestCase):
    def test_vector(self):
        charges = late_charges(cents("974.87"), 12, percent("2.5"), LATE_TERMS)
        self.assertEqual((charges.fine, charges.default_interest, charges.remuneratory_interest), (1950, 390, 968))
        self.assertEqual(cents("974.87") + charges.total, cents("1007.95"))

    def test_payment_on_the_effective_due_date_has_no_charge(self):
        loan = Loan(quote_of())
        self.assertEqual(loan.owed_now(date(2026, 2, 18)), loan.installments[0].scheduled)
        self.assertGreater(loan.owed_now(date(2026, 2, 19)), loan.installments[0].scheduled)

    def test_one_cent_changes_what_is_owed_later_by_no_more_than_a_cent_and_its_interest(self):
        quote = quote_of()
        for late in range(1, 60, 7):
            day, later = date(2026, 2, 18) + late * DAY, date(2026, 2, 18) + (late + 40) * DAY
            untouched = Loan(quote).owed_now(later)
            touched = Loan.replay(quote, [Payment("P", 1, day)]).owed_now(later)
            self.assertIn(untouched - touched, (1, 2))

    def test_a_part_payment_goes_on_from_the_same_day_of_the_curve(self):
        quote = quote_of()
        loan = Loan.replay(quote, [Payment("P", cents("500.00"), date(2026, 3, 2))])
        part = loan.installments[0]
        before = late_charges(part.scheduled, 12, percent("2.5"), LATE_TERMS)
        left = part.scheduled + before.total - cents("500.00")
        self.assertEqual(part.unpaid, left)
        monthly = percent("2.5")
        default = part.scheduled * Fraction(12, 3000) + left * Fraction(5, 3000)
        remuneratory = part.scheduled * (growth(monthly, 12) - 1) + left * (growth(monthly, 17) - growth(monthly, 12))
        charges = part.charges(date(2026, 3, 7), monthly, LATE_TERMS)
        self.assertEqual(charges.default_interest, int(default + Fraction(1, 2)))
        self.assertEqual(charges.remuneratory_interest, int(remuneratory + Fraction(1, 2)))
        self.assertEqual(charges.fine, before.fine)


class Allocation(unittest.TestCase):
    def test_charges_then_interest_then_principal_then_the_next_installment(self):
        quote = quote_of()
        day = date(2026, 3, 2)
        first = quote.schedule[0]
        owed = Loan(quote).owed_now(day)
        charges = owed - first.payment
        steps = ((charges, (charges, 0, 0)), (charges + first.interest, (charges, first.interest, 0)))
        for amount, expected in steps:
            paid = Loan.replay(quote, [Payment("P", amount, day)]).installments[0].paid
            self.assertEqual((paid.late_charges, paid.interest, paid.principal), expected)
        loan = Loan.replay(quote, [Payment("P", owed + 100, day)])
        self.assertEqual(loan.installments[0].status(day), "paid")
        self.assertEqual(loan.installments[1].paid.interest, 100)
        self.assertEqual(loan.installments[1].status(day), "partially_paid")

    def test_money_beyond_the_last_installment_is_credit_and_can_be_refunded(self):
        quote = quote_of(count=2)
        last = quote.schedule[-1]
        payments = [*on_time(quote, 1), Payment("P", last.payment + 250, last.due)]
        loan = Loan.replay(quote, payments)
        self.assertTrue(loan.finished)
        self.assertEqual(loan.credit, 250)
        later = last.due + 9 * DAY
        loan = Loan.replay(quote, [*payments, Payment("Q", 100, later), Refund(later, 350)])
        self.assertEqual((loan.credit, loan.ledger["customer_credit"]), (0, 0))


class Payoff(unittest.TestCase):
    def test_it_equals_the_balance_on_the_release_day_and_on_every_due_date(self):
        chance = random.Random(18)
        for _ in range(30):
            quote = random_quote(chance)
            self.assertEqual(Loan(quote).payoff(quote.request.release), quote.principal)
            for row in quote.schedule:
                loan = Loan.replay(quote, on_time(quote, row.number))
                self.assertEqual(loan.payoff(row.due), row.balance)
                self.assertEqual(loan.payoff(row.due), loan.unpaid_principal())

    def test_it_is_the_sum_of_the_discounted_installments_within_the_cents_of_rounding(self):
        quote = quote_of()
        for offset in range(0, 31):
            day = quote.request.release + offset * DAY
            value = sum(row.payment * growth(percent("2.5"), -(row.due - day).days) for row in quote.schedule)
            self.assertLessEqual(abs(Loan(quote).payoff(day) - value), 5)

    def test_paying_it_finishes_the_loan_and_the_books_are_empty(self):
        chance = random.Random(19)
        for _ in range(30):
            quote = random_quote(chance)
            paid = chance.randrange(quote.request.count)
            day = (quote.schedule[paid - 1].due if paid else quote.request.release) + chance.randrange(45) * DAY
            loan = Loan.replay(quote, on_time(quote, paid))
            amount = loan.payoff(day)
            loan.apply(Payment("X", amount, day, "payoff"))
            self.assertTrue(loan.finished)
            self.assertEqual((loan.unpaid_principal(), loan.credit), (0, 0))
            self.assertEqual(loan.ledger["principal_receivable"], 0)
            self.assertEqual(sum(loan.ledger.values()), 0)


class EarlyMoney(unittest.TestCase):
    def random_case(self, chance: random.Random):
        quote = random_quote(chance)
        paid = chance.randrange(quote.request.count)
        start = quote.schedule[paid - 1].due if paid else quote.request.release
        day = start + chance.randrange(28) * DAY
        return quote, on_time(quote, paid), day

    def test_all_but_one_installment_and_a_payoff_cost_what_a_payoff_costs(self):
        chance = random.Random(20)
        for _ in range(60):
            quote = random_quote(chance)
            release = quote.request.release
            whole = Loan(quote).payoff(release)
            first = quote.schedule[0]
            one = half_up(first.payment * growth(quote.request.monthly, -first.days))
            if whole - one <= 0:
                continue
            for effect in ("reduce_term", "reduce_installment"):
                loan = Loan.replay(quote, [Payment("A", whole - one, release, "prepayment", effect)])
                self.assertEqual(loan.payoff(release), one)

    def test_prepaying_everything_is_a_payoff(self):
        chance = random.Random(21)
        for _ in range(40):
            quote, before, day = self.random_case(chance)
            amount = Loan.replay(quote, before).payoff(day)
            loan = Loan.replay(quote, [*before, Payment("A", amount, day, "prepayment")])
            self.assertTrue(loan.finished)
            self.assertEqual(loan.credit, 0)

    def test_a_prepayment_lowers_the_payoff_of_the_day_by_itself_and_later_by_itself_grown(self):
        chance = random.Random(22)
        for _ in range(60):
            quote, before, day = self.random_case(chance)
            loan = Loan.replay(quote, before)
            amount = chance.randint(1, max(1, loan.payoff(day) - 1000))
            effect = chance.choice(["reduce_term", "reduce_installment"])
            after = Loan.replay(quote, [*before, Payment("A", amount, day, "prepayment", effect)])
            self.assertEqual(after.payoff(day), loan.payoff(day) - amount)
            self.assertEqual(sum(after.ledger.values()), 0)
            self.assertEqual(after.ledger["principal_receivable"], after.unpaid_principal())
            # The property of the books holds again on every later due date.
            for part in list(after.installments):
                if part.due > day:
                    after.apply(Payment(f"N{part.number}", part.unpaid, part.due))
                    self.assertEqual(after.payoff(part.due), after.unpaid_principal())
            self.assertTrue(after.finished)

    def test_reduce_term_keeps_the_installment_and_reduce_installment_the_term(self):
        quote = quote_of()
        day = quote.schedule[2].due
        before = on_time(quote, 3)
        payment = cents("3000.00")
        term = Loan.replay(quote, [*before, Payment("A", payment, day, "prepayment", "reduce_term")])
        self.assertLess(len(term.installments), 12)
        self.assertTrue(all(part.scheduled == quote.installment for part in term.installments[:-1]))
        lower = Loan.replay(quote, [*before, Payment("A", payment, day, "prepayment", "reduce_installment")])
        self.assertEqual(len(lower.installments), 12)
        self.assertTrue(all(part.scheduled < quote.installment for part in lower.installments[3:]))

    def test_what_is_left_after_the_next_installment_is_a_prepayment(self):
        quote = quote_of()
        day = quote.request.release + 10 * DAY
        first = quote.schedule[0]
        whole = Loan.replay(quote, [Payment("A", first.payment, day)]).payoff(day)
        loan = Loan.replay(quote, [Payment("A", first.payment + cents("2000.00"), day)])
        self.assertEqual(loan.installments[0].status(day), "paid")
        self.assertEqual(loan.payoff(day), whole - cents("2000.00"))
        self.assertEqual(loan.installments[1].scheduled, quote.installment)
        self.assertLess(len(loan.installments), 12)
        self.assertEqual(loan.payoff(first.due), loan.unpaid_principal())
        self.assertEqual(sum(loan.ledger.values()), 0)


class OtherEvents(unittest.TestCase):
    def test_a_reversal_is_a_replay_without_the_payment(self):
        quote = quote_of(count=3)
        payments = on_time(quote, 3)
        self.assertTrue(Loan.replay(quote, payments).finished)
        day = quote.schedule[-1].due
        without = Loan.replay(quote, payments[:1] + payments[2:])
        self.assertFalse(without.finished)
        # The third payment now pays the second installment, whose charges leave a rest.
        self.assertEqual(without.installments[0].status(day), "paid")
        self.assertEqual(without.installments[1].status(day), "overdue")
        self.assertEqual(without.installments[2].status(day), "pending")
        self.assertEqual(without.installments[2].paid.total, 0)

    def test_a_waiver_of_charges_is_a_discount(self):
        quote = quote_of()
        day = date(2026, 3, 2)
        loan = Loan(quote)
        owed = loan.owed_now(day)
        charges = owed - quote.installment
        loan.apply(Waiver(day, 1, "late_charges", charges))
        self.assertEqual(loan.owed_now(day), quote.installment)
        self.assertEqual(loan.ledger["discounts_given"], charges)
        self.assertEqual(sum(loan.ledger.values()), 0)
        loan.apply(Waiver(day, 1, "interest", 1000))
        self.assertEqual(loan.owed_now(day), quote.installment - 1000)

    def test_charges_that_grew_after_a_part_payment_are_paid_first(self):
        quote = quote_of(count=1)
        day = date(2026, 3, 2)
        owed = Loan(quote).owed_now(day)
        loan = Loan.replay(quote, [Payment("P", owed - 100, day)])
        later = date(2026, 3, 12)
        charges = loan.unpaid_charges(loan.installments[0], later)
        self.assertGreater(charges, 0)
        loan.apply(Payment("Q", charges, later))
        self.assertFalse(loan.finished)
        self.assertEqual(loan.owed_now(later), 100)
        loan.apply(Payment("R", 100, later))
        self.assertEqual(loan.finished_on, later)

    def test_after_a_write_off_a_payment_is_a_recovery_and_still_lowers_the_debt(self):
        quote = quote_of()
        day = date(2026, 6, 15)
        loan = Loan.replay(quote, [WriteOff(day), Payment("R", cents("300.00"), day)])
        self.assertEqual(loan.ledger["principal_receivable"], loan.unpaid_principal())
        self.assertEqual(loan.ledger["written_off"], -loan.unpaid_principal())
        self.assertEqual(loan.ledger["losses"], quote.principal)
        self.assertEqual(loan.ledger["recovery_income"], -cents("300.00"))
        self.assertEqual(loan.payoff(day), Loan(quote).payoff(day) - cents("300.00"))

    def test_the_statement_ends_with_the_balance(self):
        quote = quote_of(count=3)
        loan = Loan.replay(quote, on_time(quote, 3))
        self.assertEqual([line.balance for line in loan.lines], [quote.principal, *[r.balance for r in quote.schedule]])


class RandomStories(unittest.TestCase):
    def test_books_and_installments_agree_after_every_payment(self):
        chance = random.Random(23)
        for _ in range(40):
            quote = random_quote(chance)
            loan, day = Loan(quote), quote.request.release
            for step in range(12):
                day += chance.randrange(40) * DAY
                amount = chance.choice([1, quote.installment, quote.installment // 3, chance.randint(1, 300_000)])
                kind = chance.choice(["installments", "installments", "prepayment", "payoff"])
                owed = loan.payoff(day)
                loan.apply(Payment(f"P{step}", amount, day, kind))
                self.assertEqual(sum(loan.ledger.values()), 0)
                self.assertEqual(loan.ledger["principal_receivable"], loan.unpaid_principal())
                self.assertEqual(loan.ledger["customer_credit"], -loan.credit)
                # At face value a payment takes off less than itself, never more.
                self.assertGreaterEqual(loan.payoff(day), owed - amount - 1)
                self.assertLessEqual(loan.payoff(day), owed)
                if loan.finished:
                    break
