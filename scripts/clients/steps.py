"""First steps of the tests of the client libraries: a sandbox, a client, and customers, offers and loans in the sandbox."""

import os
import unittest

from dinie import ApiError
from dinie.generated.errors import ERROR_REGISTRY_BY_TYPE
from dinie.generated.types import (
    CreateCustomerRequest,
    CreateLoanRequest,
    CreateSimulationRequest,
    CreateWebhookEndpointRequest,
)

from sandbox import JPEG, Receiver, Sandbox
from server import until

BINARY = os.environ["DINIE"]

RAISED = {400: "ApiError", 401: "AuthenticationError", 410: "ApiError", 422: "UnprocessableEntityError"}

_numbers = iter(range(100_000_001, 200_000_000))


def cpf():
    """An unused CPF with valid check digits."""
    digits = [int(digit) for digit in str(next(_numbers))]
    for _ in range(2):
        rest = sum(digit * weight for digit, weight in zip(digits, range(len(digits) + 1, 1, -1))) % 11
        digits.append(0 if rest < 2 else 11 - rest)
    return "".join(map(str, digits))


class Steps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox(BINARY)
        cls.client = cls.sandbox.client()
        cls.receiver = Receiver()
        made = cls.client.webhook_endpoints.create(CreateWebhookEndpointRequest(url=cls.receiver.origin))
        cls.receiver.secret = made.secret

    @classmethod
    def tearDownClass(cls):
        cls.sandbox.stop()
        cls.receiver.stop()

    def registered(self, tags="manual", client=None, **given):
        request = CreateCustomerRequest(
            cpf=cpf(), cnpj="11.222.333/0001-81", email=f"ana+{tags}@example.com", phone="+5511999999999", **given
        )
        return (client or self.client).customers.create(request)

    def attach(self, customer, requirement, evidence, attachment, client=None, **content):
        client = client or self.client
        answer = client.customers.kyc_attachments.create(customer.id, {
            "requirement_id": requirement.requirement_id, "evidence_type": evidence,
            "attachment_type": attachment, **content,
        })
        self.assertTrue(answer.submitted)
        self.assertEqual(answer.attachment_type, attachment)

    def requirement(self, customer, kind):
        return next(item for item in customer.kyc if item.requirement_type == kind)

    def documented(self, tags="", client=None):
        """A customer whose review has begun."""
        client = client or self.client
        customer = self.registered(tags, client)
        for kind, evidence, slot in (("identity", "cnh", "file"), ("selfie", "selfie", "photo"),
                                     ("company_document", "ccmei", "file")):
            self.attach(customer, self.requirement(customer, kind), evidence, slot, client, file=JPEG)
        self.assertIsNone(client.customers.start_kyc_review(customer.id))
        return customer

    def offer(self, tags="", client=None):
        client = client or self.client
        customer = self.documented(tags, client)
        return until(lambda: client.customers.credit_offers.list(customer.id), lambda page: page.data)[0]

    def loan(self, tags="", client=None):
        client = client or self.client
        offer = self.offer(tags, client)
        simulation = client.credit_offers.create_simulation(
            offer.id, CreateSimulationRequest(requested_amount=5000.25, installment_count=offer.installments)
        )
        return client.loans.create(self.taking(simulation))

    def taking(self, simulation):
        return CreateLoanRequest(
            credit_offer_id=simulation.credit_offer_id, simulation_id=simulation.id,
            installment_count=simulation.installment_count, installment_amount=simulation.installment_amount,
            first_due_date=simulation.first_due_date,
        )

    def refused(self, status, code, kind, act):
        """The typed error that a call raises."""
        with self.assertRaises(ApiError) as raised:
            act()
        error = raised.exception
        # The library has a class for each problem type, but never registers them, so it raises by status.
        self.assertEqual((error.status, type(error).__name__), (status, RAISED.get(status, kind)), error.body)
        self.assertEqual(ERROR_REGISTRY_BY_TYPE[error.body["type"]].__name__, kind, error.body)
        self.assertEqual(error.body["code"], code)
        self.assertTrue(error.body["instance"].startswith("/api/v3/"), error.body)
        self.assertEqual(error.headers["x-request-id"], error.body["request_id"])
        return error

    # --- resources
