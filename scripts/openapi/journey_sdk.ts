// From a token to an active loan and its installments. The client's types come from the document of `/api/v3`.
import createClient from "openapi-fetch";
import type { paths } from "./sdk.js";
import { active, baseUrl, bearing, company, cpf, file, form, grant, must, until } from "./journey.js";

const api = createClient<paths>({ baseUrl });
const token = must(await api.POST("/api/v3/auth/token", grant));
api.use(bearing(token.access_token));

const customer = must(
  await api.POST("/api/v3/customers", {
    params: { header: { "X-Idempotency-Key": "journey-sdk-customer" } },
    body: { cpf: cpf(2), external_id: "journey-sdk", ...company },
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
await active("/api/v3", created.id, simulation.installment_amount, {
  status: async () => must(await api.GET("/api/v3/loans/{loan_id}", { params: { path: loan } })).status,
  installments: async () => {
    const params = { path: loan, query: { limit: 100 } };
    return must(await api.GET("/api/v3/loans/{loan_id}/transactions", { params })).data;
  },
});
