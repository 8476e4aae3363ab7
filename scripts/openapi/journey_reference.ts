// From a token to an active loan and its installments. The client's types come from the document of `/v3`.
import createClient from "openapi-fetch";
import type { paths } from "./reference.js";
import { cpf, file, form, must, until } from "./journey.js";

const { DINIE_ORIGIN: baseUrl, DINIE_CLIENT_ID: client_id, DINIE_CLIENT_SECRET: client_secret } = process.env;
const api = createClient<paths>({ baseUrl });

const token = must(
  await api.POST("/v3/auth/token", {
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
  await api.POST("/v3/customers", {
    params: { header: { "Idempotency-Key": "journey-customer" } },
    body: {
      cpf: cpf(1), cnpj: "12.345.678/0001-95", name: "Ana Souza", email: "ana@example.com",
      phone: "+5511999999999", external_id: "journey",
    },
  }),
);
const path = { customer_id: customer.id };
for (const type of ["cnh", "ccmei", "selfie"] as const) {
  must(
    await api.POST("/v3/customers/{customer_id}/documents", {
      params: { path }, body: { type, file: file(type) }, bodySerializer: form,
    }),
  );
}
const offer = await until("an offer", async () => {
  const query = { status: "available" as const };
  const page = must(await api.GET("/v3/customers/{customer_id}/credit-offers", { params: { path, query } }));
  return page.data[0];
});
const simulation = must(
  await api.POST("/v3/credit-offers/{credit_offer_id}/simulations", {
    params: { path: { credit_offer_id: offer.id } },
    body: { requested_amount: "10000.00", installment_count: 12 },
  }),
);
const created = must(
  await api.POST("/v3/loans", {
    body: {
      credit_offer_id: offer.id, simulation_id: simulation.id, installments: 12,
      installments_value: simulation.installments_value, first_due_date: simulation.first_due_date,
    },
  }),
);
const loan = { loan_id: created.id };
await until("an active loan", async () => {
  const read = must(await api.GET("/v3/loans/{loan_id}", { params: { path: loan } }));
  return read.status === "active" ? read : undefined;
});
const transactions = must(
  await api.GET("/v3/loans/{loan_id}/transactions", { params: { path: loan, query: { limit: 100 } } }),
);
if (transactions.data.length !== 12) throw new Error(`not 12 installments: ${JSON.stringify(transactions)}`);
if (transactions.data[0]?.amount_due !== simulation.installments_value) throw new Error("not the simulated installment");
console.log(`  /v3 in TypeScript: ${created.id} is active with ${transactions.data.length} installments`);
