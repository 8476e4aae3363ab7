"""A sandbox with a partner, its customers, offers, loans and webhooks. They are made over HTTP before a tool runs."""

import base64
import datetime
import itertools
import json
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "clients"))

from server import Receiver, Sandbox, until  # noqa: E402 (the line above makes it importable)

PDF = b"%PDF-1.7\n% a document"
JPEG = b"\xff\xd8\xff\xe0 a photograph"

POLICY = """version = "2026-11"
approval = "by_operator"

[[refusal]]
name = "sa"
legal_natures = ["sa"]
reason = "Não atendemos S.A."
"""

# A tool sends thousands of requests from one address. Other tests cover the limits.
SETTINGS = """
four_eyes = false

[limits]
requests_per_10s = 1000000
tokens_per_minute = 1000000
page_posts_per_minute = 1000000
operator_requests_per_10s = 1000000
failures_per_minute = 1000000
"""

_numbers = itertools.count(100_000_001)


def cpf(number=None):
    """A CPF with valid check digits, from a number of nine digits or from an unused one."""
    digits = [int(digit) for digit in str(number or next(_numbers))]
    for _ in range(2):
        rest = sum(digit * weight for digit, weight in zip(digits, range(len(digits) + 1, 1, -1))) % 11
        digits.append(0 if rest < 2 else 11 - rest)
    return "".join(map(str, digits))


class Server(Sandbox):
    """A sandbox whose partner, KYC application and operator call it."""

    def __init__(self, binary, settings=SETTINGS):
        super().__init__(binary, settings)
        self.partner_token = self.token(self.client_id, self.client_secret)
        self.application_token = self.token(self.application["client_id"], self.application["client_secret"])
        made = subprocess.run(
            [binary, "operator", "create", "--name", "Mesa de crédito", "--json", "--data", "data"],
            cwd=self.home, capture_output=True, text=True, check=True,
        )
        self.operator_token = json.loads(made.stdout)["token"]
        self.partner_id = self.ask("/operator/v1/partners", self.operator_token)["data"][0]["id"]

    def token(self, client_id, client_secret):
        pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        form = b"grant_type=client_credentials"
        return self._call("POST", "/v3/auth/token", form, {"Authorization": f"Basic {pair}"})["access_token"]

    def ask(self, path, token=None):
        return self._call("GET", path, None, {"Authorization": f"Bearer {token or self.partner_token}"})

    def tell(self, path, body=None, token=None):
        headers = {"Authorization": f"Bearer {token or self.partner_token}", "Content-Type": "application/json"}
        return self._call("POST", path, None if body is None else json.dumps(body).encode(), headers)

    def operate(self, path, body=None):
        return self.tell(f"/operator/v1{path}", body, self.operator_token)

    def upload(self, path, token=None, file=None, **fields):
        """A form with text fields and a file."""
        boundary = uuid.uuid4().hex
        body = b""
        for name, value in fields.items():
            body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        if file:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n'
            body += head.encode() + file + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        return self._call("POST", path, body, {
            "Authorization": f"Bearer {token or self.partner_token}",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        })

    def _call(self, method, path, body, headers):
        request = urllib.request.Request(self.origin + path, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    # --- parts of the seeds

    def customer(self, tags="manual"):
        """A registered customer. With the tag `manual` the sandbox decides nothing for it."""
        number = next(_numbers)
        return self.tell("/v3/customers", {
            "cpf": cpf(), "cnpj": "12.345.678/0001-95", "name": "Ana Souza", "phone": "+5511999999999",
            "email": f"ana{number}+{tags}@example.com", "external_id": f"merchant-{number}",
        })["id"]

    def documents(self, customer):
        """Uploads all documents, so that the review begins."""
        for type_, file in (("cnh", PDF), ("ccmei", PDF), ("selfie", JPEG)):
            document = self.upload(f"/v3/customers/{customer}/documents", file=file, type=type_)
        return document["id"]

    def offer(self, tags="range_offer+never_signs"):
        """A customer with an offer."""
        customer = self.customer(tags)
        self.documents(customer)
        path = f"/v3/customers/{customer}/credit-offers?status=available"
        offers = until(lambda: self.ask(path), lambda answer: answer["data"])
        return customer, offers[0]["id"]

    def simulation(self, offer, amount="10000.00"):
        return self.tell(
            f"/v3/credit-offers/{offer}/simulations", {"requested_amount": amount, "installment_count": 12}
        )

    def requested(self, offer):
        """A loan of an offer, as the customer requests it."""
        simulation = self.simulation(offer)
        return self.tell("/v3/loans", {
            "credit_offer_id": offer, "simulation_id": simulation["id"], "installments": 12,
            "installments_value": simulation["installments_value"],
            "first_due_date": simulation["first_due_date"],
        })["id"]

    def loan(self, tags, status):
        """A loan in a status."""
        customer, offer = self.offer(tags)
        loan = self.requested(offer)
        until(lambda: self.ask(f"/v3/loans/{loan}"), lambda answer: answer["status"] == status)
        return customer, loan

    # --- operators' decisions, for customers for whom the sandbox decides nothing

    def under_review(self):
        customer = self.customer()
        self.documents(customer)
        return customer

    def approved(self):
        """A customer whom operators approved, with the offer."""
        customer = self.under_review()
        requirements = self.ask(f"/operator/v1/customers/{customer}", self.operator_token)["requirements"]
        self.operate(f"/customers/{customer}/kyc-decisions", {"decisions": [
            {
                "requirement_id": item["id"], "verdict": "accept",
                "document_ids": [attachment["document_id"] for attachment in item["attachments"]],
            }
            for item in requirements if item["status"] == "submitted"
        ]})
        self.operate(f"/customers/{customer}/credit-decisions", {
            "outcome": "approved", "policy_version": "comite-2026-11", "reasons": ["faturamento comprovado"],
            "offer": {
                "approved_amount": "50000.00", "min_amount": "1000.00", "interest_rate": 2.5,
                "min_installments": 3, "max_installments": 24,
            },
        })
        return customer, self.ask(f"/v3/customers/{customer}/credit-offers?status=available")["data"][0]["id"]

    def unsigned_loan(self):
        _, offer = self.approved()
        return self.requested(offer)

    def signed_loan(self):
        """A loan that its customer signed with the code from the mailbox. The money has not been sent yet."""
        loan = self.unsigned_loan()
        link = self.ask(f"/v3/loans/{loan}")["signing_url"]
        plain = {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
        self._call_page(f"{link}/code", b"", plain)
        code = self.ask("/sandbox/mails")["data"][0]["subject"].split()[-1]
        self._call_page(link, f"code={code}&consent=yes".encode(), plain)
        assert self.ask(f"/v3/loans/{loan}")["status"] == "signed"
        return loan

    @staticmethod
    def _call_page(url, body, headers):
        with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers)) as answer:
            return answer.read()


def seeded(server, base):
    """Environment variables for a tool that tries every operation of an API. An operation that consumes a resource has its
    own resource to consume."""
    things = Things(server, base)
    return {
        "DINIE_ORIGIN": server.origin,
        "DINIE_CLIENT_ID": server.client_id, "DINIE_CLIENT_SECRET": server.client_secret,
        "DINIE_PARTNER_TOKEN": server.partner_token, "DINIE_OPERATOR_TOKEN": server.operator_token,
        "DINIE_APPLICATION_TOKEN": server.application_token, "DINIE_SESSION_TOKEN": things.session(things.selfie_customer),
        "DINIE_REAL_BODIES": json.dumps({**things.reference(), **things.sdk(), **things.operator()}),
        **things.ids,
    }


class Things:
    """Resources in the sandbox before a tool runs."""

    def __init__(self, server, base):
        self._server = server
        # An endpoint belongs to the generation that made it.
        self._generation = "/api/v3" if base == "/api/v3" else "/v3"
        self._receiver = Receiver()
        customer, self.loan = server.loan("", "active")
        file = self._file(customer)
        subscribed = self._endpoint()
        self.reviewed, self.refused, self.failed = server.under_review(), server.under_review(), server.signed_loan()
        self.pending, self.selfie_customer, self.complete = server.customer(), server.customer(), server.customer()
        self._submit_documents(self.complete)
        self.returned = server.signed_loan()
        for ordered in (self.failed, self.returned):
            server.operate(f"/loans/{ordered}/disbursement")
        server.operate(f"/loans/{self.returned}/disbursement/fail", {"message": "devolvido"})
        self.today = self._operator(f"/loans/{self.loan}/payoff-quote")["pay_on"]
        payment = server.operate(f"/loans/{self.loan}/payments", {
            "reference": "E-seed", "amount": "1.00", "paid_on": self.today,
        })["id"]
        deliveries = f"{self._generation}/webhooks/endpoints/{subscribed}/deliveries"
        installments = self._operator(f"/loans/{self.loan}/installments")["data"]
        self.ids = {
            "PARTNER_ID": server.partner_id, "CUSTOMER_ID": customer, "LOAN_ID": self.loan, "PAYMENT_ID": payment,
            "DOCUMENT_ID": file["requirements"][0]["attachments"][0]["document_id"],
            "CUSTOMERS_OFFER_ID": server.ask(f"/v3/customers/{customer}/credit-offers")["data"][0]["id"],
            "OFFER_ID": server.offer()[1], "WITHDRAWN_OFFER_ID": server.offer()[1],
            "PENDING_CUSTOMER_ID": self.pending, "SELFIE_CUSTOMER_ID": self.selfie_customer,
            "COMPLETE_CUSTOMER_ID": self.complete, "REVIEWED_CUSTOMER_ID": self.reviewed,
            "REFUSED_CUSTOMER_ID": self.refused, "SESSION_CUSTOMER_ID": server.customer(),
            "ENDPOINT_ID": subscribed, "DELETED_ENDPOINT_ID": self._endpoint(),
            "DELIVERY_ID": until(lambda: server.ask(deliveries), lambda answer: answer["data"])[0]["id"],
            "REQUEST_ID": until(lambda: server.ask("/v3/requests"), lambda answer: answer["data"])[0]["request_id"],
            "EVENT_ID": until(lambda: server.ask("/v3/events?type=loan.active"), lambda answer: answer["data"])[0]["id"],
            "REVOKED_CLIENT_ID": server.tell("/v3/auth/credentials", {"name": "spare"})["client_id"],
            "UNSIGNED_LOAN_ID": server.unsigned_loan(), "CANCELLED_LOAN_ID": server.unsigned_loan(),
            "SIGNED_LOAN_ID": server.signed_loan(), "FAILED_LOAN_ID": self.failed,
            "RETURNED_LOAN_ID": self.returned,
            "INSTALLMENT_ID": installments[0]["id"], "PAYOFF_DATE": installments[0]["due_date"],
            "MAIL_ID": self._operator("/mails")["data"][0]["id"],
            "OPERATOR_ID": server.operate("/operators", {"name": "Auditoria", "roles": ["auditor"]})["id"],
            "MEMBER_ID": server.operate(
                f"/partners/{server.partner_id}/members",
                {"name": "Lia", "email": "lia.seed@example.com", "role": "support"},
            )["id"],
            "PERSON_ID": server.operate("/people", {"name": "Helena", "email": "helena.seed@example.com"})["id"],
            "POLICY_VERSION_ID": server.operate("/policy-versions", {"content": POLICY})["id"],
            "ENTRY_ID": self._operator(f"/loans/{self.loan}/ledger")["data"][0]["id"],
        }

    def _operator(self, path):
        return self._server.ask(f"/operator/v1{path}", self._server.operator_token)

    def _file(self, customer):
        return self._operator(f"/customers/{customer}")

    def _endpoint(self):
        body = {"url": self._receiver.origin + "/webhooks", "events": ["loan.*", "customer.*"]}
        return self._server.tell(f"{self._generation}/webhooks/endpoints", body)["id"]

    def _replay(self, moment):
        """The last hour's deliveries, to another endpoint. Each generation writes a moment in its own way."""
        now = datetime.datetime.now(datetime.timezone.utc)
        since = now - datetime.timedelta(hours=1)
        return {"target_endpoint_id": self._endpoint(), "since": moment(since), "until": moment(now)}

    def _requirement(self, customer, kind):
        return next(item["id"] for item in self._file(customer)["requirements"] if item["kind"] == kind)

    def _submit_documents(self, customer):
        """Submits all documents for a review. In this generation the review begins only on request."""
        for kind, evidence, slot, file in (
            ("identity", "cnh", "file", PDF), ("company_document", "ccmei", "file", PDF),
            ("selfie", "selfie", "photo", JPEG),
        ):
            self._server.upload(
                f"/api/v3/customers/{customer}/kyc-attachments", file=file, evidence_type=evidence,
                attachment_type=slot, requirement_id=self._requirement(customer, kind),
            )

    def _code(self, customer):
        link = self._server.tell(f"/api/v3/customers/{customer}/biometrics")["session_url"]
        return urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["code"][0]

    def session(self, customer):
        """The token of a customer's hosted session."""
        body = {"code": self._code(customer)}
        return self._server.tell(
            "/api/v3/biometrics/session-exchange", body, self._server.application_token
        )["access_token"]

    def _simulated(self):
        _, offer = self._server.offer()
        return offer, self._server.simulation(offer)

    def reference(self):
        offer, simulation = self._simulated()
        return {
            " createToken": {"grant_type": "client_credentials"},
            " createCredential": {"name": "checkout"},
            " createCustomer": {"cpf": cpf(), "email": "ana+manual@example.com", "external_id": "tool"},
            " updateCustomer": {"phone": "+5511988888888"},
            " createWebhookEndpoint": {"url": self._receiver.origin + "/webhooks"},
            " updateWebhookEndpoint": {"url": self._receiver.origin + "/webhooks"},
            " replayWebhookDeliveries": self._replay(lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ")),
            " createSimulation": {"requested_amount": "10000.00", "installment_count": 12},
            " createLoan": {
                "credit_offer_id": offer, "simulation_id": simulation["id"], "installments": 12,
                "installments_value": simulation["installments_value"],
                "first_due_date": simulation["first_due_date"],
            },
            " uploadDocument": {"type": "cnh", "file": PDF.decode("latin-1")},
        }

    def sdk(self):
        offer, simulation = self._simulated()
        return {
            "/api createToken": {"grant_type": "client_credentials"},
            "/api createCredential": {"name": "checkout"},
            "/api createCustomer": {
                "cpf": cpf(), "cnpj": "11.222.333/0001-81", "email": "rui+manual@example.com", "phone": "+5511988888888",
                "external_id": "tool-2",
            },
            "/api updateCustomer": {"phone": "+5511988888888"},
            "/api setBankAccount": {"bank_account": {
                "bank_id": "001", "branch": "1234", "number": "567890", "digit": "1", "kind": "checking",
            }},
            "/api createWebhookEndpoint": {"url": self._receiver.origin + "/webhooks"},
            "/api updateWebhookEndpoint": {"url": self._receiver.origin + "/webhooks"},
            "/api replayWebhookDeliveries": self._replay(lambda at: int(at.timestamp())),
            "/api createSimulation": {"requested_amount": 10000.0, "installment_count": 12},
            "/api createLoan": {
                "credit_offer_id": offer, "simulation_id": simulation["id"], "installment_count": 12,
                "installment_amount": float(simulation["installments_value"]),
                "first_due_date": simulation["first_due_date"],
            },
            "/api uploadKycAttachment": {
                "requirement_id": self._requirement(self.pending, "identity"), "evidence_type": "cnh",
                "attachment_type": "file", "file": PDF.decode("latin-1"),
            },
            "/api uploadKycSelfie": {
                "requirement_id": self._requirement(self.selfie_customer, "selfie"), "file": PDF.decode("latin-1"),
            },
            "/api exchangeBiometricsSession": {"code": self._code(self._server.customer())},
        }

    def operator(self):
        submitted = [item for item in self._file(self.reviewed)["requirements"] if item["status"] == "submitted"]
        files = lambda item: [attachment["document_id"] for attachment in item["attachments"]]  # noqa: E731
        return {
            "/operator decideKyc": {"decisions": [
                {"requirement_id": item["id"], "verdict": "accept", "document_ids": files(item)} for item in submitted
            ]},
            "/operator refuseCustomer": {
                "document_ids": [file for item in self._file(self.refused)["requirements"] for file in files(item)],
            },
            "/operator createPartnerCredential": {"name": "checkout"},
            "/operator assignCase": {"assignee": "me"},
            "/operator createOperator": {"name": "Auditoria", "roles": ["auditor"]},
            "/operator invitePerson": {"name": "Rui", "email": "rui.seed@example.com", "roles": ["credit"]},
            "/operator createCreditDecision": {
                "outcome": "approved", "policy_version": "comite-2026-11", "reasons": ["faturamento comprovado"],
                "offer": {
                    "approved_amount": "20000.00", "min_amount": "1000.00", "interest_rate": 2.5, "installments": 6,
                },
            },
            "/operator uploadPolicyVersion": {"content": POLICY.replace("2026-11", "2026-12")},
            "/operator createPayment": {"reference": "E-tool", "amount": "1.00", "paid_on": self.today},
        }
