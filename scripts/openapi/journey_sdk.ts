// From a token to an active loan and its installments. The client's types come from the document of `/api/v3`.
import createClient from "openapi-fetch";
import type { paths } from "./sdk.js";
import { cpf, file, form, must, until } from "./journey.js";

const { DINIE_ORIGIN: baseUrl, DINIE_CLIENT_ID: client_id, DINIE_CLIENT_SECRET: client_secret } = process.env;
const api = createClient<paths>({ baseUrl });

const token = must(
  await api.POST("/api/v3/auth/token", {
    body: { grant_type: "client_credentials", client_id, client_secret },
    headers: { "content-type": "application/x-www-form-urlencoded" },
  }),
);
api.use({
  onRequest({ request }) {
    request.headers.set("authorization", `Bearer ${token.access_token}`);
    return request;
  },
});

const customer = must(
  await api.POST("/api/v3/customers", {
    params: { header: { "X-Idempotency-Key": "journey-sdk-customer" } },
    body: {
      cpf: cpf(2), cnpj: "12.345.678/0001-95", name: "Ana Souza", email: "ana@example.com",
      phone: "+5511999999999", external_id: "journey-sdk",
    },
  }),
);
const path = { customer_id: customer.id };
type Upload = paths["/api/v3/customers/{customer_id}/kyc-attachments"]["post"]["requestBody"];
type Kind = Pick<NonNullable<Upload>["content"]["multipart/form-data"], "evidence_type" | "attachment_type">;
const wanted: Record<string, Kind> = {
  identity: { evidence_type: "cnh", attachment_type: "file" },
  company_document: { evidence_type: "ccmei", attachment_type: "file" },
  selfie: { evidence_type: "selfie", attachment_type: "photo" },
};
const { kyc } = must(await api.GET("/api/v3/customers/{customer_id}", { params: { path } }));
for (const { requirement_id, requirement_type } of kyc ?? []) {
  const kind = wanted[requirement_type];
  if (kind === undefined) continue;
  must(
    await api.POST("/api/v3/customers/{customer_id}/kyc-attachments", {
      params: { path }, bodySerializer: form,
      body: { requirement_id, ...kind, file: file(kind.evidence_type) },
    }),
  );
}
must(await api.POST("/api/v3/customers/{customer_id}/kyc-review", { params: { path } }));
const offer = await until("an offer", async () => {
  const query = { status: "available" as const };
  const page = must(await api.GET("/api/v3/customers/{customer_id}/credit-offers", { params: { path, query } }));
  return page.data[0];
});
const simulation = must(
  await api.POST("/api/v3/credit-offers/{credit_offer_id}/simulations", {
    params: { path: { credit_offer_id: offer.id } },
    body: { requested_amount: 10000, installment_count: 12 },
  }),
);
const created = must(
  await api.POST("/api/v3/loans", {
    body: {
      credit_offer_id: offer.id, simulation_id: simulation.id, installment_count: 12,
      installment_amount: simulation.installment_amount, first_due_date: simulation.first_due_date,
    },
  }),
);
const loan = { loan_id: created.id };
await until("an active loan", async () => {
  const read = must(await api.GET("/api/v3/loans/{loan_id}", { params: { path: loan } }));
  return read.status === "active" ? read : undefined;
});
const transactions = must(
  await api.GET("/api/v3/loans/{loan_id}/transactions", { params: { path: loan, query: { limit: 100 } } }),
);
if (transactions.data.length !== 12) throw new Error(`not 12 installments: ${JSON.stringify(transactions)}`);
if (transactions.data[0]?.amount_due !== simulation.installment_amount) throw new Error("not the simulated installment");
console.log(`  /api/v3 in TypeScript: ${created.id} is active with ${transactions.data.length} installments`);
