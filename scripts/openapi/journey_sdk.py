"""From a token to an active loan and its installments. The client is generated from the document of `/api/v3`."""

import io

from sdk_client import AuthenticatedClient, Client
from sdk_client.api.authentication import create_token
from sdk_client.api.credit_offers import create_simulation, list_customer_credit_offers
from sdk_client.api.customers import create_customer, get_customer
from sdk_client.api.kyc import request_kyc_review, upload_kyc_attachment
from sdk_client.api.loans import create_loan, get_loan, list_transactions
from sdk_client.models import (
    CreateCustomer,
    CreateLoan,
    CreateSimulation,
    TokenRequest,
    UploadAttachment,
)
from sdk_client.types import File
from journey import COMPANY, GRANT, ORIGIN, done
from seeds import JPEG, PDF, cpf, until

token = done(create_token.sync_detailed(client=Client(ORIGIN), body=TokenRequest(**GRANT)))
client = AuthenticatedClient(ORIGIN, token=token.access_token)
customer = done(create_customer.sync_detailed(client=client, x_idempotency_key="python-sdk", body=CreateCustomer(
    cpf=cpf(300_000_002), external_id="python-sdk", **COMPANY,
)))
WANTED = {
    "identity": ("cnh", "file", PDF), "company_document": ("ccmei", "file", PDF), "selfie": ("selfie", "photo", JPEG),
}
for requirement in done(get_customer.sync_detailed(customer.id, client=client)).kyc:
    if requirement.requirement_type not in WANTED:
        continue
    evidence, attachment, content = WANTED[requirement.requirement_type]
    done(upload_kyc_attachment.sync_detailed(customer.id, client=client, body=UploadAttachment(
        requirement_id=requirement.requirement_id, evidence_type=evidence, attachment_type=attachment,
        file=File(payload=io.BytesIO(content), file_name="file", mime_type="application/octet-stream"),
    )))
done(request_kyc_review.sync_detailed(customer.id, client=client))
offer = until(
    lambda: done(list_customer_credit_offers.sync_detailed(customer.id, client=client)), lambda page: page.data,
)[0]
simulation = done(create_simulation.sync_detailed(offer.id, client=client, body=CreateSimulation(
    requested_amount=10000.0, installment_count=12,
)))
loan = done(create_loan.sync_detailed(client=client, body=CreateLoan(
    credit_offer_id=offer.id, simulation_id=simulation.id, installment_count=12,
    installment_amount=simulation.installment_amount, first_due_date=simulation.first_due_date,
)))
until(lambda: done(get_loan.sync_detailed(loan.id, client=client)), lambda read: read.status == "active")
transactions = done(list_transactions.sync_detailed(loan.id, client=client, limit=100))
assert len(transactions.data) == 12, transactions
assert transactions.data[0].amount_due == simulation.installment_amount, transactions
print(f"  /api/v3 in Python: {loan.id} is active with {len(transactions.data)} installments")
