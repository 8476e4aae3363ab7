"""Uses every feature of the official client library against a live server."""

import json
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from dinie import SessionTokenExpiredError
from dinie.generated.events import EVENT_DESERIALIZERS
from dinie.generated.types import (
    CreateCredentialRequest,
    CreateCustomerRequest,
    CreateSimulationRequest,
    CreateWebhookEndpointRequest,
    CustomerBankAccountRequest,
    FixedInstallmentCreditOffer,
    RangeInstallmentCreditOffer,
    UpdateCustomerRequest,
    UpdateWebhookEndpointRequest,
)
from dinie.webhooks import extract

from sandbox import JPEG, PDF, LossyProxy, Receiver, Sandbox
from server import until
from steps import BINARY, cpf, Steps

SAMPLES = Path("../../crates/cli/tests/it/samples/sdk_events.json")


class Suite(Steps):
    def test_customers(self):
        customer = self.registered(external_id="merchant-1", name="Ana Souza")
        self.assertRegex(customer.id, r"^cust_[0-9a-f]{32}$")
        self.assertEqual((customer.status, customer.name, customer.external_id),
                         ("pending_kyc", "Ana Souza", "merchant-1"))
        self.assertTrue(customer.trading_name, "the registry gives the trading name")
        self.assertEqual(self.client.customers.retrieve(customer.id), customer)
        changed = self.client.customers.update(customer.id, UpdateCustomerRequest(phone="+5511988887777"))
        self.assertEqual(changed.phone, "+5511988887777")
        self.assertIn(customer.id, [one.id for one in self.client.customers.list()])

    def test_registering_again_is_idempotent_on_the_cpf(self):
        request = CreateCustomerRequest(cpf=cpf(), cnpj="11.222.333/0001-81", email="ana+manual@example.com",
                                        phone="+5511999999999", external_id="a")
        first, again = self.client.customers.create(request), self.client.customers.create(request)
        self.assertEqual(first, again)
        other = CreateCustomerRequest(**{**{name: getattr(request, name) for name in request.__slots__},
                                         "external_id": "b"})
        self.refused(409, "customer_already_exists", "ConflictError", lambda: self.client.customers.create(other))

    def test_bank_accounts(self):
        customer = self.registered()
        self.refused(404, "resource_not_found", "NotFoundError",
                     lambda: self.client.customers.retrieve_bank_account(customer.id))
        account = CustomerBankAccountRequest(bank_id="001", branch="1234", number="567890", digit="X",
                                             kind="checking")
        given = self.client.customers.upsert_bank_account(customer.id, account)
        self.assertEqual((given.bank_name, given.digit), ("Banco do Brasil S.A.", "X"))
        self.assertEqual(self.client.customers.retrieve_bank_account(customer.id), given)
        wrong = CustomerBankAccountRequest(bank_id="999", branch="1", number="-", digit="?", kind="checking")
        error = self.refused(422, "invalid_format", "ValidationError",
                             lambda: self.client.customers.upsert_bank_account(customer.id, wrong))
        self.assertEqual({fault["param"] for fault in error.body["errors"]},
                         {f"bank_account.{part}" for part in ("bank_id", "branch", "number", "digit")})

    def test_banks(self):
        banks = self.get("/banks")["data"]
        self.assertEqual(len(banks), 511)
        self.assertEqual(banks[0], {"id": "001", "name": "Banco do Brasil S.A.",
                                    "display_name": "001 - BCO DO BRASIL S.A."})
        # The library reads the whole answer as one bank. So its own method fails on the documented answer of any
        # server.
        with self.assertRaises(KeyError):
            self.client.banks.list()

    def test_every_kind_of_evidence(self):
        for tags, uploads in (
            ("manual", [("identity", "cnh", "front"), ("identity", "cnh", "back"), ("company_document", "ccmei", "file")]),
            ("manual+ei", [("identity", "rg", "front"), ("identity", "rg", "back"),
                           ("ei_mei_documents", "ei_mei", "ei_registration_requirement"),
                           ("proof_of_address", "proof_of_address", "file")]),
            ("manual+ei", [("identity", "cnh", "file"), ("ei_mei_documents", "ei_mei", "ccmei"),
                           ("proof_of_address", "proof_of_address", "file")]),
            ("manual+eireli", [("identity", "cnh", "file"),
                               ("eireli_incorporation_statement", "eireli_incorporation_statement", "file"),
                               ("proof_of_address", "proof_of_address", "file")]),
            ("manual+sa", [("articles_of_association", "articles_of_association", "file"),
                           ("income_statement", "income_statement", "file"),
                           ("proof_of_address", "proof_of_address", "file")]),
        ):
            customer = self.registered(tags)
            people = [item for item in customer.kyc if item.requirement_type == "selfie"]
            for selfie in people:
                self.attach(customer, selfie, "selfie", "photo", file=JPEG)
            if tags == "manual+sa":
                self.assertEqual([item.subject.subject_type for item in people], ["applicant", "co_owner"])
                for item in [item for item in customer.kyc if item.requirement_type == "identity"]:
                    self.attach(customer, item, "cnh", "file", file=PDF)
                self.attach(customer, self.requirement(customer, "email"), "email", "email",
                            value="socia@example.com")
            self.refused(422, "kyc_incomplete", "ValidationError",
                         lambda: self.client.customers.start_kyc_review(customer.id))
            for kind, evidence, slot in uploads:
                self.attach(customer, self.requirement(customer, kind), evidence, slot, file=PDF)
            shown = self.client.customers.retrieve(customer.id)
            for kind, evidence, slot in uploads:
                submitted = self.requirement(shown, kind).submitted
                self.assertEqual((submitted.evidence_type, submitted.review_status, submitted.review_reason),
                                 (evidence, "pending", None))
                self.assertIn((slot, True), [(a.attachment_type, a.submitted) for a in submitted.attachments])
            self.client.customers.start_kyc_review(customer.id)
            self.assertEqual(self.client.customers.retrieve(customer.id).status, "under_review")

    def test_a_correction(self):
        customer = self.documented("kyc_rejected")
        rejected = until(lambda: self.client.customers.retrieve(customer.id),
                         lambda now: now if now.status == "pending_kyc" else None)
        submitted = self.requirement(rejected, "identity").submitted
        self.assertEqual(submitted.review_status, "rejected")
        self.assertTrue(submitted.review_reason)
        for slot in ("front", "back"):
            self.attach(customer, self.requirement(rejected, "identity"), "rg", slot, file=JPEG)
        self.client.customers.start_kyc_review(customer.id)
        until(lambda: self.client.customers.retrieve(customer.id), lambda now: now.status == "active")

    def test_biometrics(self):
        customer = self.registered()
        session = self.client.customers.create_biometrics_session(customer.id, {})
        self.assertIn("dinie_bsc_", session.session_url)
        self.assertAlmostEqual(session.expires_at, time.time() + 3600, delta=60)
        ids = {key: self.sandbox.application[key] for key in ("client_id", "client_secret")}
        application = self.sandbox.client(**ids)
        code = {"code": session.session_url.split("code=")[1]}
        exchanged = application.biometrics.session_exchange(code)
        self.assertEqual((exchanged.customer_id, exchanged.token_type), (customer.id, "bearer"))
        self.refused(401, "invalid_code", "AuthError", lambda: application.biometrics.session_exchange(code))
        self.refused(403, "forbidden", "PermissionDeniedError",
                     lambda: self.client.biometrics.session_exchange(code))
        self.refused(403, "forbidden", "PermissionDeniedError", application.customers.list)

    def test_session_mode(self):
        customer, other = self.registered(), self.registered()
        session = self.client.customers.create_biometrics_session(customer.id, {})
        inside = self.sandbox.session_client(session.session_url)
        selfie = self.requirement(inside.customers.retrieve(customer.id), "selfie")
        upload = {"requirement_id": selfie.requirement_id, "file": JPEG}
        self.assertTrue(inside.customers.kyc_attachments.upload_selfie(customer.id, upload).submitted)
        self.refused(403, "forbidden", "PermissionDeniedError",
                     lambda: self.client.customers.kyc_attachments.upload_selfie(customer.id, upload))
        account = CustomerBankAccountRequest(bank_id="260", branch="0001", number="1234567", digit="8",
                                             kind="payment")
        inside.customers.upsert_bank_account(customer.id, account)
        for act in (lambda: inside.customers.retrieve(other.id), inside.customers.list,
                    lambda: inside.customers.retrieve_bank_account(customer.id)):
            self.refused(403, "forbidden", "PermissionDeniedError", act)

    def test_offers_and_simulations(self):
        fixed, ranged = self.offer(), self.offer("range_offer")
        self.assertIsInstance(fixed, FixedInstallmentCreditOffer)
        self.assertEqual((fixed.installments, fixed.approved_amount, fixed.monthly_interest_rate), (12, 50000, 3.5))
        self.assertIsInstance(ranged, RangeInstallmentCreditOffer)
        self.assertEqual((ranged.min_installments, ranged.max_installments), (3, 24))
        self.assertEqual(self.client.credit_offers.retrieve(fixed.id), fixed)
        self.assertIn(ranged, self.client.credit_offers.list().data)
        asked = CreateSimulationRequest(requested_amount=10000.1, installment_count=12)
        simulation = self.client.credit_offers.create_simulation(fixed.id, asked)
        self.assertEqual(simulation.requested_amount, 10000.1)
        self.assertAlmostEqual(simulation.principal_amount,
                               simulation.requested_amount + simulation.fee_amount + simulation.iof_amount, places=2)
        for amount, count, code in ((1, 12, "amount_out_of_range"), (10000, 7, "installments_out_of_range"),
                                    (10000.005, 12, "invalid_format")):
            wrong = CreateSimulationRequest(requested_amount=amount, installment_count=count)
            self.refused(422, code, "ValidationError",
                         lambda: self.client.credit_offers.create_simulation(fixed.id, wrong))

    def test_loans(self):
        loan = self.loan()
        self.assertEqual(loan.status, "awaiting_signatures")
        self.assertTrue(loan.signing_url.startswith(self.sandbox.origin))
        self.assertEqual(loan.requested_amount, 5000.25)
        active = until(lambda: self.client.loans.retrieve(loan.id), lambda now: now if now.status == "active" else None)
        self.assertEqual((active.disbursement_method, active.signing_url), ("pix", None))
        transactions = self.client.loans.transactions.list(loan.id).data
        self.assertEqual(len(transactions), 12)
        self.assertAlmostEqual(sum(one.amount_due for one in transactions), active.total_amount, places=2)
        self.assertTrue(all(one.status == "pending" and one.paid_at is None for one in transactions))
        offer = self.offer()
        simulate = lambda: self.client.credit_offers.create_simulation(
            offer.id, CreateSimulationRequest(requested_amount=1000, installment_count=12))
        old, new = simulate(), simulate()
        self.refused(422, "simulation_mismatch", "ValidationError", lambda: self.client.loans.create(self.taking(old)))
        self.client.loans.create(self.taking(new))
        self.refused(409, "offer_already_accepted", "ConflictError",
                     lambda: self.client.loans.create(self.taking(new)))

    def test_credentials(self):
        end = int(time.time()) + 3600
        made = self.client.credentials.create(CreateCredentialRequest(name="checkout", expires_at=end))
        self.assertRegex(made.client_id, r"^dinie_ci_test_[A-Za-z0-9]+$")
        self.assertEqual((made.status, made.expires_at, made.last_used_at), ("active", end, None))
        self.sandbox.client(client_id=made.client_id, client_secret=made.client_secret).customers.list()
        listed = next(one for one in self.client.credentials.list().data if one.id == made.id)
        self.assertIsNotNone(listed.last_used_at)
        self.assertIsNone(self.client.credentials.revoke(made.client_id))
        self.refused(410, "credential_revoked", "ConflictError",
                     lambda: self.client.credentials.revoke(made.client_id))
        self.refused(404, "resource_not_found", "NotFoundError",
                     lambda: self.client.credentials.revoke("dinie_ci_test_" + "0" * 32))

    def test_webhook_endpoints(self):
        endpoints = self.client.webhook_endpoints
        made = endpoints.create(CreateWebhookEndpointRequest(url="https://example.com/", events=["loan.*"]))
        self.assertTrue(made.secret.startswith("whsec_"))
        self.assertEqual((made.events, made.description, made.status), (["loan.*"], "", "active"))
        changed = endpoints.update(made.id, UpdateWebhookEndpointRequest(description="notes", status="disabled"))
        self.assertEqual((changed.description, changed.status), ("notes", "disabled"))
        self.assertEqual(endpoints.retrieve(made.id), changed)
        self.assertIn(made.id, [one.id for one in endpoints.list().data])
        rotated = endpoints.rotate_secret(made.id, {"expire_current_in": 60})
        self.assertNotEqual(rotated.secret, made.secret)
        self.assertAlmostEqual(rotated.previous_secret_expires_at, time.time() + 60, delta=30)
        for events, code in ((["loan.signed"], "invalid_event"), (["x"], "invalid_event")):
            self.refused(422, code, "ValidationError", lambda: endpoints.create(
                CreateWebhookEndpointRequest(url="https://example.com/", events=events)))
        self.assertIsNone(endpoints.delete(made.id))
        self.refused(404, "resource_not_found", "NotFoundError", lambda: endpoints.retrieve(made.id))

    # --- errors, tokens, retries, pages

    def test_errors(self):
        customer = self.registered()
        identity = self.requirement(customer, "identity")
        place = {"requirement_id": identity.requirement_id, "evidence_type": "cnh", "attachment_type": "file"}
        attach = self.client.customers.kyc_attachments.create
        self.refused(400, "missing_file", "BadRequestError", lambda: attach(customer.id, place))
        self.refused(422, "unsupported_file_type", "ValidationError",
                     lambda: attach(customer.id, {**place, "file": b"GIF89a"}))
        self.refused(422, "invalid_evidence", "ValidationError",
                     lambda: attach(customer.id, {**place, "evidence_type": "selfie", "file": PDF}))
        stranger = self.sandbox.client(client_secret="wrong")
        self.refused(401, "invalid_client", "AuthError", stranger.customers.list)
        self.refused(404, "resource_not_found", "NotFoundError",
                     lambda: self.client.loans.retrieve("ln_" + "0" * 32))

    def test_too_many_requests(self):
        hurried = Sandbox(BINARY, "[limits]\nrequests_per_10s = 3\n")
        self.addCleanup(hurried.stop)
        client = hurried.client(max_retries=0)

        def hurry():
            # Three requests are enough on a fast machine. On a slow one the limit partly recovers meanwhile.
            for _ in range(100):
                client.customers.list()

        error = self.refused(429, "rate_limit_exceeded", "RateLimitError", hurry)
        self.assertGreaterEqual(int(error.headers["retry-after"]), 1)
        patient = hurried.client(max_retries=3)
        patient.customers.list()

    def test_tokens_are_refreshed_after_their_expiry(self):
        hurried = Sandbox(BINARY, "[lifetimes]\naccess_token_s = 4\nsession_token_s = 36\n")
        self.addCleanup(hurried.stop)
        client = hurried.client()
        customer = self.registered(client=client)
        manager = client._token_manager
        first = manager.token
        # The library requests a new token before the old one expires. The test prevents this, so that the server's 401
        # causes the request.
        manager._expires_at = time.monotonic() + 3600
        time.sleep(5.1)
        self.assertEqual(client.customers.retrieve(customer.id).id, customer.id)
        self.assertNotEqual(manager.token, first)
        session = client.customers.create_biometrics_session(customer.id, {})
        inside = hurried.session_client(session.session_url)
        inside.customers.retrieve(customer.id)
        time.sleep(6.1)
        with self.assertRaises(SessionTokenExpiredError):
            inside.customers.retrieve(customer.id)

    def test_a_retry_replays_by_its_key(self):
        proxy = LossyProxy(self.sandbox.origin)
        self.addCleanup(proxy.stop)
        client = self.sandbox.client()
        lossy = client.with_options(base_url=proxy.origin + "/api/v3")
        customer = self.registered(client=lossy)
        self.assertEqual(len(set(proxy.keys)), 1)
        self.assertEqual(proxy.replayed, [None, "true"])
        self.assertEqual(customer, self.client.customers.retrieve(customer.id))

    def get(self, path):
        request = urllib.request.Request(self.sandbox.origin + "/api/v3" + path)
        request.add_header("authorization", f"Bearer {self.client._token_manager.token}")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def test_pages(self):
        made = [self.registered().id for _ in range(5)]
        seen, after, pages = [], "", 0
        while True:
            page = self.get(f"/customers?limit=2{after}")
            self.assertEqual(page["object"], "list")
            seen += [item["id"] for item in page["data"]]
            pages += 1
            if pages == 3 or not page["has_more"]:
                break
            after = "&starting_after=" + seen[-1]
        self.assertEqual((pages, seen[:5]), (3, made[::-1]))
        with self.assertRaises(urllib.error.HTTPError) as raised:
            self.get("/customers?starting_after=ln_" + "0" * 32)
        self.assertEqual(json.load(raised.exception)["code"], "invalid_cursor")
        raised.exception.close()

    # --- events

    def test_events_as_they_happen(self):
        loan = self.loan()
        denied, failed = self.documented("denied"), self.loan("disbursement_failed")
        about = {loan.id, loan.customer_id, loan.credit_offer_id, denied.id, failed.id}
        self.receiver.wait_for([
            "customer.created", "customer.kyc_updated", "customer.under_review", "customer.active",
            "customer.denied", "credit_offer.available", "loan.created", "loan.signature_received",
            "loan.processing", "loan.active", "loan.error",
        ], about)
        self.assertEqual(self.receiver.failures, [])
        for webhook_id, body in self.receiver.bodies:
            self.assertEqual(webhook_id, body["id"])
            self.assertEqual((body["api_version"], body["created_at"]), ("2026-03-01", body["timestamp"]))
        error = next(event for event in self.receiver.events if event.type == "loan.error")
        self.assertEqual(error.data.error.code, "disbursement_failed")
        signed = next(event for event in self.receiver.events
                      if event.type == "loan.signature_received" and event.data.id == loan.id)
        self.assertEqual((signed.data.signatures_received, signed.data.signatures_required), (1, 1))
        for kind in ("customer", "credit_offer", "loan"):
            ids = [event.delivery_id for event in self.receiver.events if event.type.startswith(kind)]
            self.assertEqual(len(ids), len(set(ids)))

    def test_expiries_and_cancellations_have_events(self):
        for settings, tags, kind in (
            ("offer_days = 0", "", "credit_offer.expired"),
            ("signing_link_days = 0", "never_signs", "loan.cancelled"),
        ):
            hurried = Sandbox(BINARY, f"[lifetimes]\n{settings}\n")
            self.addCleanup(hurried.stop)
            receiver, client = Receiver(), hurried.client()
            self.addCleanup(receiver.stop)
            receiver.secret = client.webhook_endpoints.create(
                CreateWebhookEndpointRequest(url=receiver.origin)).secret
            made = self.loan(tags, client) if tags else self.offer(tags, client)
            receiver.wait_for([kind], {made.id})
            self.assertEqual(receiver.failures, [])

    def test_each_payment_has_its_event(self):
        patient = Sandbox(BINARY)
        self.addCleanup(patient.stop)
        receiver, client = Receiver(), patient.client()
        self.addCleanup(receiver.stop)
        receiver.secret = client.webhook_endpoints.create(
            CreateWebhookEndpointRequest(url=receiver.origin)).secret
        loan = self.loan("pays_on_time", client)
        until(lambda: client.loans.retrieve(loan.id), lambda now: now.status == "active")
        request = urllib.request.Request(patient.origin + "/sandbox/clock/advance", data=b'{"days": 380}',
                                         method="POST")
        request.add_header("authorization", f"Bearer {client._token_manager.token}")
        request.add_header("content-type", "application/json")
        urllib.request.urlopen(request).close()
        receiver.wait_for(["loan.payment_received", "loan.finished"], {loan.id})
        self.assertEqual(receiver.failures, [])
        self.assertEqual(client.loans.retrieve(loan.id).status, "finished")
        # Deliveries have no promised order: the loan's end may arrive before its last payment.
        paid = until(lambda: [event for event in receiver.events if event.type == "loan.payment_received"],
                     lambda events: len(events) >= loan.installment_count and events)
        numbers = sorted(event.data.payment.installment_number for event in paid)
        self.assertEqual(numbers, list(range(1, loan.installment_count + 1)))

    def test_every_event_is_verified_and_parsed(self):
        """The fifteen types as the server signs and renders them; see `crates/cli/tests/it/samples.rs`."""
        samples = json.loads(SAMPLES.read_text())
        self.assertEqual({sample["type"] for sample in samples["events"]}, set(EVENT_DESERIALIZERS))
        for sample in samples["events"]:
            # The sample's time is in the past, so the check of its age is bypassed.
            event = extract(headers=sample["headers"], body=sample["body"], secret=samples["secret"],
                            tolerance_seconds=0)
            self.assertEqual(event.type, sample["type"])
            self.assertIsNotNone(event.data)


if __name__ == "__main__":
    # The library leaves its connections to the garbage collector. Without this the interpreter would warn about them.
    unittest.main(verbosity=1, warnings="ignore")
