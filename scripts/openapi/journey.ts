// What all journeys share, whichever document their types come from.
import type { Middleware } from "openapi-fetch";

const { DINIE_CLIENT_ID: client_id, DINIE_CLIENT_SECRET: client_secret } = process.env;

/** The address of the server. */
export const baseUrl = process.env.DINIE_ORIGIN;

/** The request for a token, as a form. */
export const grant = {
  body: { grant_type: "client_credentials" as const, client_id, client_secret },
  headers: { "content-type": "application/x-www-form-urlencoded" },
};

/** The registration of a customer, without the person's CPF. */
export const company = {
  cnpj: "12.345.678/0001-95", name: "Ana Souza", email: "ana@example.com", phone: "+5511999999999",
};

/** Sends the token with every request. */
export function bearing(token: string): Middleware {
  return {
    onRequest({ request }) {
      request.headers.set("authorization", `Bearer ${token}`);
      return request;
    },
  };
}

/** A loan, as a generation shows it. */
export interface Lent {
  status(): Promise<string>;
  installments(): Promise<{ amount_due?: unknown }[]>;
}

/** Waits until the loan is active. It then has twelve installments of the simulated amount. */
export async function active(generation: string, id: string, simulated: unknown, loan: Lent): Promise<void> {
  await until("an active loan", async () => ((await loan.status()) === "active" ? true : undefined));
  const installments = await loan.installments();
  if (installments.length !== 12) throw new Error(`not 12 installments: ${JSON.stringify(installments)}`);
  if (installments[0]?.amount_due !== simulated) throw new Error("not the simulated installment");
  console.log(`  ${generation} in TypeScript: ${id} is active with ${installments.length} installments`);
}

/** The answer's body, if the operation has one. A problem becomes an error that shows it. */
export function must<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (!answer.response.ok) {
    throw new Error(`${answer.response.status} ${answer.response.url}: ${JSON.stringify(answer.error)}`);
  }
  return answer.data as T;
}

/** Repeats a request until there is an answer. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} did not come`);
}

/** A CPF with valid check digits, a different one for each number. */
export function cpf(number: number): string {
  const digits = [...String(200_000_000 + number)].map(Number);
  for (let check = 0; check < 2; check += 1) {
    const sum = digits.reduce((total, digit, place) => total + digit * (digits.length + 1 - place), 0);
    digits.push(sum % 11 < 2 ? 0 : 11 - (sum % 11));
  }
  return digits.join("");
}

/** A file of a form. The generated types call a file a string, as OpenAPI does. */
export function file(type: string): string {
  const content = type === "selfie" ? new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0]) : "%PDF-1.7\n";
  return new Blob([content]) as unknown as string;
}

/** The body as multipart/form-data. */
export function form(body: object): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(body)) data.append(name, value as string | Blob);
  return data;
}
