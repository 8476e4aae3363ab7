// An operator's work for a loan: the KYC review, the credit decision, the disbursement, a payment. The client's types come
// from the document of `/operator/v1`.
import createClient from "openapi-fetch";
import type { paths } from "./operator.js";
import { must } from "./journey.js";

const { DINIE_ORIGIN: baseUrl, DINIE_OPERATOR_TOKEN: token } = process.env;
const { DINIE_REVIEWED: customer_id = "", DINIE_SIGNED_LOAN: loan_id = "" } = process.env;
const api = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${token}` } });

const customer = must(await api.GET("/operator/v1/customers/{customer_id}", { params: { path: { customer_id } } }));
if (customer.status !== "under_review") throw new Error(`not under review: ${customer.status}`);
for (const requirement of customer.requirements) {
  for (const { document_id } of requirement.attachments) {
    if (document_id === null || document_id === undefined) continue;
    const path = { document_id };
    must(await api.GET("/operator/v1/documents/{document_id}", { params: { path }, parseAs: "arrayBuffer" }));
  }
}
const reviewed = must(
  await api.POST("/operator/v1/customers/{customer_id}/kyc-decisions", {
    params: { path: { customer_id } },
    body: {
      decisions: customer.requirements
        .filter(({ status }) => status === "submitted")
        .map(({ id, attachments }) => ({
          requirement_id: id, verdict: "accept" as const,
          document_ids: attachments.flatMap(({ document_id }) => document_id ?? []),
        })),
    },
  }),
);
if (reviewed.status !== "active") throw new Error(`not active: ${reviewed.status}`);
const decision = must(
  await api.POST("/operator/v1/customers/{customer_id}/credit-decisions", {
    params: { path: { customer_id } },
    body: {
      outcome: "approved", policy_version: "comite-2026-11", reasons: ["faturamento comprovado"],
      offer: { approved_amount: "20000.00", min_amount: "1000.00", interest_rate: 2.5, installments: 6 },
    },
  }),
);
// Above the operator's limit the answer would be a proposal.
if (!("outcome" in decision && decision.outcome === "approved")) throw new Error(`not approved: ${decision.id}`);
console.log(`  /operator/v1 in TypeScript: ${customer_id} is active and has an offer`);

const params = { path: { loan_id } };
const ordered = must(await api.POST("/operator/v1/loans/{loan_id}/disbursement", { params }));
// With four eyes the answer would be a proposal, but this sandbox does without.
if (!("destination" in ordered && ordered.destination)) throw new Error("the order names no destination");
const lent = must(await api.POST("/operator/v1/loans/{loan_id}/disbursement/confirm", { params }));
if (lent.status !== "active") throw new Error(`not active: ${lent.status}`);
// São Paulo is three hours behind UTC all year.
const today = new Date(Date.parse(lent.updated_at) - 3 * 3_600_000).toISOString().slice(0, 10);
const paid = must(
  await api.POST("/operator/v1/loans/{loan_id}/payments", {
    params, body: { reference: "E-typescript", amount: "100.00", paid_on: today },
  }),
);
const ledger = must(await api.GET("/operator/v1/loans/{loan_id}/ledger", { params }));
if (!ledger.data.some((entry) => "subject_id" in entry && entry.subject_id === paid.id)) throw new Error("the ledger lacks the payment");
console.log(`  /operator/v1 in TypeScript: ${loan_id} is disbursed, and a payment is in its ledger`);
