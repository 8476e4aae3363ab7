"""Compares what the server says of a loan with the oracle, field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from driver.client import Client
from driver.opening import business_day_of
from lending.documents import pix_fields, pix_faults
from lending.installment import Installment
from lending.loan import Loan
from lending.money import cents, reais
from lending.pricing import Quote

FAR_AWAY = "2045-12-31"


@dataclass(frozen=True)
class Difference:
    where: str
    server: Any
    oracle: Any

    def __str__(self) -> str:
        return f"{self.where}: server {self.server}, oracle {self.oracle}"


def unequal(pairs: dict[str, tuple[Any, Any]], where: str) -> Iterator[Difference]:
    for name, (server, oracle) in pairs.items():
        if server != oracle:
            yield Difference(f"{where} {name}", server, oracle)


def simulation_differences(simulation: dict, quote: Quote) -> Iterator[Difference]:
    """The quote of POST /v3/credit-offers/{id}/simulations."""
    pairs = {
        "amount": (simulation["amount"], reais(quote.net)),
        "interest_amount": (simulation["interest_amount"], reais(quote.interest)),
        "fees_amount": (simulation["fees_amount"], reais(quote.fee)),
        "iof_amount": (simulation["iof_amount"], reais(quote.iof)),
        "total_loan_amount": (simulation["total_loan_amount"], reais(quote.total)),
        "installments_value": (simulation["installments_value"], reais(quote.installment)),
        "first_due_date": (simulation["first_due_date"], quote.schedule[0].due.isoformat()),
        "cet_percentage": (f"{simulation['cet_percentage']:.2f}", str(quote.cet_year)),
    }
    yield from unequal(pairs, "simulation")


class Comparison:
    """Reads the server after a step and lists every difference."""

    def __init__(self, client: Client, loan_id: str, others: Mapping[str, int]):
        self.client = client
        self.loan_id = loan_id
        # Balances of the other loans in the database.
        self.others = others
        # Payoff quotes one cent apart where the rules allow two readings (README, Not said).
        self.doubtful = 0

    def differences(self, loan: Loan, day: date) -> list[Difference]:
        found = list(self.loan_figures(loan))
        found += self.every_installment(loan, day)
        found += self.ledger(loan)
        found += self.trial_balance(loan)
        if not loan.finished:
            found += self.payoff_quote(loan, day)
        return found

    def read(self, path: str) -> Any:
        return self.client.operator("GET", f"/loans/{self.loan_id}{path}").expect(200)

    def pages(self, path: str) -> Iterator[dict]:
        page = self.read(f"{path}?limit=100")
        while True:
            yield from page["data"]
            if not page["has_more"]:
                return
            page = self.read(f"{path}?limit=100&starting_after={page['data'][-1]['id']}")

    def loan_figures(self, loan: Loan) -> Iterator[Difference]:
        server, quote = self.read(""), loan.quote
        pairs = {
            "status": (server["status"], "finished" if loan.finished else "active"),
            "principal": (server["principal"], reais(quote.principal)),
            "net_amount": (server["net_amount"], reais(quote.net)),
            "iof": (server["iof"], reais(quote.iof)),
            "service_fee": (server["service_fee"], reais(quote.fee)),
            "interest": (server["interest"], reais(quote.interest)),
            "total_amount": (server["total_amount"], reais(quote.total)),
            "installment": (server["installment"], reais(quote.installment)),
            "annual_rate": (f"{server['annual_rate']:.2f}", str(quote.annual_rate)),
            "cet_annual": (f"{server['cet_annual']:.2f}", str(quote.cet_year)),
            "written off": (server["write_off"] is not None, loan.written_off),
        }
        yield from unequal(pairs, "loan")

    def every_installment(self, loan: Loan, day: date) -> list[Difference]:
        """The three views of the installments, if their number is right."""
        rows = list(self.pages("/installments"))
        if len(rows) != len(loan.installments):
            return [Difference("number of installments", len(rows), len(loan.installments))]
        found = list(self.installments(rows, loan, day))
        found += self.transactions(loan, day)
        found += self.pix_codes(loan, day)
        found += self.numbers(loan, day)
        return found

    def installments(self, rows: list[dict], loan: Loan, day: date) -> Iterator[Difference]:
        for row, part in zip(rows, loan.installments, strict=True):
            pairs = self.installment_pairs(row, loan, part, day)
            pairs["late_charges"] = (row["late_charges"], reais(loan.total_charges(part, day)))
            pairs["interest"] = (row["interest"], reais(part.interest))
            pairs["principal"] = (row["principal"], reais(part.principal))
            # After a payoff only the sum over the installments is given by the rules.
            if part.settled:
                for name in ("amount_due", "amount_paid", "discount"):
                    pairs.pop(name, None)
            yield from unequal(pairs, f"installment {part.number}")
        server = sum(cents(row["amount_paid"]) for row in rows)
        yield from unequal({"sum of amount_paid": (reais(server), reais(loan.taken))}, "installments")

    def transactions(self, loan: Loan, day: date) -> Iterator[Difference]:
        """The partner's view of the same installments."""
        rows = self.client.partner("GET", f"/v3/loans/{self.loan_id}/transactions?limit=100").expect(200)["data"]
        for row, part in zip(rows, loan.installments, strict=True):
            pairs = self.installment_pairs(row, loan, part, day)
            pairs["fees"] = (row["fees"], reais(loan.total_charges(part, day)))
            if part.settled:
                for name in ("amount_due", "amount_paid"):
                    pairs.pop(name)
            yield from unequal(pairs, f"transaction {part.number}")
        status = self.client.partner("GET", f"/v3/loans/{self.loan_id}").expect(200)["status"]
        yield from unequal({"status": (status, "finished" if loan.finished else "active")}, "partner's loan")

    def numbers(self, loan: Loan, day: date) -> Iterator[Difference]:
        """The SDK generation of the partner's API, with amounts as JSON numbers."""
        quote = loan.quote
        server = self.client.partner("GET", f"/api/v3/loans/{self.loan_id}").expect(200)
        amounts = {
            "principal_amount": quote.principal,
            "iof_amount": quote.iof,
            "total_amount": quote.total,
            "installment_amount": quote.installment,
        }
        rates = {
            "annual_interest_rate": quote.annual_rate,
            "monthly_cet_rate": quote.cet_month,
            "annual_cet_rate": quote.cet_year,
        }
        pairs = {name: (Decimal(str(server[name])), Decimal(reais(amount))) for name, amount in amounts.items()}
        pairs |= {name: (Decimal(str(server[name])), rate) for name, rate in rates.items()}
        yield from unequal(pairs, "SDK loan")
        rows = self.client.partner("GET", f"/api/v3/loans/{self.loan_id}/transactions?limit=100").expect(200)["data"]
        for row, part in zip(rows, loan.installments, strict=True):
            left = part.unpaid + loan.unpaid_charges(part, day)
            pairs = {
                "status": (row["status"], part.status(day)),
                "amount_remaining": (Decimal(str(row["amount_remaining"])), Decimal(reais(left))),
                "fees": (Decimal(str(row["fees"])), Decimal(reais(loan.total_charges(part, day)))),
            }
            yield from unequal(pairs, f"SDK transaction {part.number}")

    def pix_codes(self, loan: Loan, day: date) -> Iterator[Difference]:
        """Each installment's Pix code, and the amount that a bank reads behind it."""
        rows = self.read("/collection")["installments"]
        for row, part in zip(rows, loan.installments, strict=True):
            left = reais(part.unpaid + loan.unpaid_charges(part, day))
            pairs = {
                "amount_remaining": (row["amount_remaining"], left),
                "status": (row["status"], part.status(day)),
            }
            if row["pix_code"] is not None:
                pairs["faults"] = (pix_faults(row["pix_code"]), [])
            pairs["has a code"] = (row["pix_code"] is not None, part.status(day) != "paid")
            yield from unequal(pairs, f"Pix code {part.number}")
        open_row = next((row for row in rows if row["amount_remaining"] != "0.00"), None)
        if open_row is not None:
            address = pix_fields(pix_fields(open_row["pix_code"])["26"])["25"]
            charge = self.client.exchange("GET", address[address.index("/") :], None, {}).expect(200)
            pairs = {"amount": (charge["valor"]["original"], open_row["amount_remaining"])}
            yield from unequal(pairs, f"charge of installment {open_row['number']}")

    def installment_pairs(self, row: dict, loan: Loan, part: Installment, day: date) -> dict[str, tuple[Any, Any]]:
        paid, left = part.paid.total, part.unpaid + loan.unpaid_charges(part, day)
        paid_on = business_day_of(row["paid_at"]) if row["paid_at"] else None
        return {
            "due_date": (row["due_date"], part.due.isoformat()),
            "status": (row["status"], part.status(day)),
            "amount_due": (row["amount_due"], reais(paid + left)),
            "amount_paid": (row["amount_paid"], reais(paid)),
            "amount_remaining": (row["amount_remaining"], reais(left)),
            "days_overdue": (row["days_overdue"], part.days_late(day) if part.paid_on is None else 0),
            "paid_at": (paid_on, part.paid_on),
        }

    def ledger(self, loan: Loan) -> Iterator[Difference]:
        answer = self.read("/ledger?order=desc&limit=100")
        server = {line["account"]: line["amount"] for line in answer["balances"]}
        yield from unequal(account_pairs(server, loan.ledger), "ledger")
        for entry in answer["data"]:
            total = sum(signed_cents(posting["amount"]) for posting in entry["postings"])
            yield from unequal({"sum of an entry": (reais(total), "0.00")}, "ledger")
        newest = answer["data"][0]
        yield from unequal(
            {"principal_after": (newest["principal_after"], reais(loan.unpaid_principal()))}, "newest entry"
        )

    def journal(self, acts: list[tuple[str, str]]) -> Iterator[Difference]:
        """One entry for each act, in order, with the principal that is owed after it."""
        entries = [(entry["cause"], entry["principal_after"]) for entry in self.pages("/ledger")]
        yield from unequal({"journal": (entries, acts)}, "loan's")

    def trial_balance(self, loan: Loan) -> Iterator[Difference]:
        """The whole database: this loan and those of the stories before it."""
        answer = self.client.operator("GET", f"/trial-balance?date={FAR_AWAY}").expect(200)
        server = {line["account"]: line["closing"] for line in answer["accounts"]}
        total = sum(signed_cents(amount) for amount in server.values())
        pairs = {"balanced": (answer["balanced"], True), "sum": (reais(total), "0.00")}
        yield from unequal(pairs, "trial balance")
        yield from unequal(account_pairs(server, sum_of(self.others, loan.ledger)), "trial balance")

    def day_of_the_books(self, loan: Loan, opening: Mapping[str, int], day: date) -> Iterator[Difference]:
        """The trial balance of the story's day: before it, its movements, after it.

        The server keeps the customers of a clock apart, so the loan's partner has this loan alone.
        """
        partner = self.read("")["partner_id"]
        answer = self.client.operator("GET", f"/trial-balance?date={day}&partner_id={partner}").expect(200)
        before, after, moved = {}, {}, {}
        for line in answer["accounts"]:
            before[line["account"]], after[line["account"]] = line["opening"], line["closing"]
            moved[line["account"]] = reais(cents(line["debit"]) - cents(line["credit"]))
        movements = sum_of(loan.ledger, {account: -amount for account, amount in opening.items()})
        yield from unequal(account_pairs(before, opening), f"before {day}")
        yield from unequal(account_pairs(moved, movements), f"movements of {day}")
        yield from unequal(account_pairs(after, loan.ledger), f"after {day}")

    def payoff_quote(self, loan: Loan, day: date) -> Iterator[Difference]:
        last = loan.installments[-1].due
        later = day + (last - day) / 3 if last > day else day
        for when in {day, later}:
            answer = self.client.operator("GET", f"/loans/{self.loan_id}/payoff-quote?date={when}")
            if answer.status == 409:
                if when <= last:
                    yield Difference(f"payoff quote of {when}", answer.body["detail"], reais(loan.payoff(when)))
                continue
            server, oracle = cents(answer.expect(200)["amount"]), loan.payoff(when)
            if server != oracle and abs(server - oracle) == 1 and loan.last_is_paid_in_part(when):
                self.doubtful += 1
                continue
            yield from unequal({f"of {when}": (reais(server), reais(oracle))}, "payoff quote")


def account_pairs(server: dict[str, str], oracle: Mapping[str, int]) -> dict[str, tuple[Any, Any]]:
    names = sorted(set(server) | set(oracle))
    return {name: (server.get(name, "0.00"), reais(oracle.get(name, 0))) for name in names}


def sum_of(*ledgers: Mapping[str, int]) -> dict[str, int]:
    """Balances by account. Credits are negative."""
    total: dict[str, int] = {}
    for ledger in ledgers:
        for account, amount in ledger.items():
            total[account] = total.get(account, 0) + amount
    return total


def signed_cents(text: str) -> int:
    return -cents(text[1:]) if text.startswith("-") else cents(text)
