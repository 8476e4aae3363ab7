"""An operator's work for a loan: the KYC review, the credit decision, the disbursement, a payment. The client is generated
from the document of `/operator/v1`."""

import datetime
import os

from journey import ORIGIN, done
from operator_client import AuthenticatedClient
from operator_client.api.credit import create_credit_decision
from operator_client.api.customers import decide_kyc, get_customer, get_document
from operator_client.api.loans import confirm_disbursement, get_ledger, order_disbursement
from operator_client.api.payments import create_payment
from operator_client.models import DecideCredit, DecideKyc, KycDecision, NewFixedOffer, RecordPayment

CUSTOMER, LOAN = os.environ["DINIE_REVIEWED"], os.environ["DINIE_SIGNED_LOAN"]
client = AuthenticatedClient(ORIGIN, token=os.environ["DINIE_OPERATOR_TOKEN"])

customer = done(get_customer.sync_detailed(CUSTOMER, client=client))
assert customer.status == "under_review", customer
for requirement in customer.requirements:
    for attachment in requirement.attachments:
        assert get_document.sync_detailed(attachment.document_id, client=client).content, attachment
reviewed = done(decide_kyc.sync_detailed(CUSTOMER, client=client, body=DecideKyc(decisions=[
    KycDecision(
        requirement_id=item.id, verdict="accept", document_ids=[file.document_id for file in item.attachments],
    )
    for item in customer.requirements if item.status == "submitted"
])))
assert reviewed.status == "active", reviewed
decision = done(create_credit_decision.sync_detailed(CUSTOMER, client=client, body=DecideCredit(
    outcome="approved", policy_version="comite-2026-11", reasons=["faturamento comprovado"],
    offer=NewFixedOffer(approved_amount="20000.00", min_amount="1000.00", interest_rate=2.5, installments=6),
)))
assert decision.outcome == "approved", decision
print(f"  /operator/v1 in Python: {CUSTOMER} is active and has an offer")

ordered = done(order_disbursement.sync_detailed(LOAN, client=client))
assert ordered.destination, ordered
lent = done(confirm_disbursement.sync_detailed(LOAN, client=client))
assert lent.status == "active", lent
# São Paulo is three hours behind UTC all year.
today = (lent.updated_at - datetime.timedelta(hours=3)).date()
paid = done(create_payment.sync_detailed(LOAN, client=client, body=RecordPayment(
    reference="E-python", amount="100.00", paid_on=today,
)))
ledger = done(get_ledger.sync_detailed(LOAN, client=client))
assert paid.id in [getattr(entry, "subject_id", None) for entry in ledger.data], ledger
print(f"  /operator/v1 in Python: {LOAN} is disbursed, and a payment is in its ledger")
