// From a token to an active loan and its installments. The client's types come from the document of `/v3`.
import createClient from "openapi-fetch";
import type { paths } from "./reference.js";
import { active, baseUrl, bearing, company, cpf, file, form, grant, must, until } from "./journey.js";

const api = createClient<paths>({ baseUrl });
const token = must(await api.POST("/v3/auth/token", grant));
api.use(bearing(token.access_token));

const customer = must(
  await api.POST("/v3/customers", {
    params: { header: { "Idempotency-Key": "journey-customer" } },
    body: { cpf: cpf(1), external_id: "journey", ...company },
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
await active("/v3", created.id, simulation.installments_value, {
  status: async () => must(await api.GET("/v3/loans/{loan_id}", { params: { path: loan } })).status,
  installments: async () => {
    const params = { path: loan, query: { limit: 100 } };
    return must(await api.GET("/v3/loans/{loan_id}/transactions", { params })).data;
  },
});
