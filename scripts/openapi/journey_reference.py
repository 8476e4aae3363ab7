"""From a token to an active loan and its installments. The client is generated from the document of `/v3`."""

import datetime
import io

from reference_client import AuthenticatedClient, Client
from reference_client.api.authentication import create_token
from reference_client.api.credit_offers import create_simulation, list_customer_credit_offers
from reference_client.api.customers import create_customer, upload_document
from reference_client.api.loans import create_loan, get_loan, list_transactions
from reference_client.models import (
    CreateCustomer,
    CreateLoan,
    CreateSimulation,
    TokenRequest,
    UploadDocument,
)
from reference_client.types import File
from journey import COMPANY, GRANT, ORIGIN, done
from seeds import JPEG, PDF, cpf, until

token = done(create_token.sync_detailed(client=Client(ORIGIN), body=TokenRequest(**GRANT)))
client = AuthenticatedClient(ORIGIN, token=token.access_token)
customer = done(create_customer.sync_detailed(client=client, idempotency_key="python-customer", body=CreateCustomer(
    cpf=cpf(300_000_001), external_id="python", **COMPANY,
)))
for type_, content in (("cnh", PDF), ("ccmei", PDF), ("selfie", JPEG)):
    file = File(payload=io.BytesIO(content), file_name="file", mime_type="application/octet-stream")
    done(upload_document.sync_detailed(customer.id, client=client, body=UploadDocument(type_=type_, file=file)))
offer = until(
    lambda: done(list_customer_credit_offers.sync_detailed(customer.id, client=client, status="available")),
    lambda page: page.data,
)[0]
simulation = done(create_simulation.sync_detailed(offer.id, client=client, body=CreateSimulation(
    requested_amount="10000.00", installment_count=12,
)))
loan = done(create_loan.sync_detailed(client=client, body=CreateLoan(
    credit_offer_id=offer.id, simulation_id=simulation.id, installments=12,
    installments_value=simulation.installments_value, first_due_date=simulation.first_due_date,
)))
until(lambda: done(get_loan.sync_detailed(loan.id, client=client)), lambda read: read.status == "active")
transactions = done(list_transactions.sync_detailed(loan.id, client=client, limit=100))
assert len(transactions.data) == 12, transactions
assert transactions.data[0].amount_due == simulation.installments_value, transactions
assert isinstance(transactions.data[0].due_date, datetime.date), transactions
print(f"  /v3 in Python: {loan.id} is active with {len(transactions.data)} installments")
