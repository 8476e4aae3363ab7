// A day of two people at the console, by keyboard alone: a hundred cases of KYC, then the money of ten loans, which one
// person proposes and another approves, and a payment that is reversed.
import { createHmac } from "node:crypto";
import { join } from "node:path";

const CASES = 100;
const LOANS = 10;
const PASSWORD = "um cavalo lê jornal na ponte";

/** A tax number: its first digits and the two check digits that follow from them. */
function taxNumber(digits, weights) {
  for (let check = 0; check < 2; check++) {
    const used = weights.slice(weights.length - digits.length);
    const sum = [...digits].reduce((sum, digit, place) => sum + Number(digit) * used[place], 0);
    digits += sum % 11 < 2 ? 0 : 11 - (sum % 11);
  }
  return digits;
}
const cpf = (number) => taxNumber(String(number).padStart(9, "0"), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
const cnpj = (number) => taxNumber(`${String(number).padStart(8, "0")}0001`, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);

/** The present code of an authenticator. */
function authenticatorCode(secret, now = Date.now()) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const moment = Buffer.alloc(8);
  moment.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const digest = createHmac("sha1", key).update(moment).digest();
  const place = digest[19] & 15;
  return String((digest.readUInt32BE(place) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A customer who has sent every document. */
async function customer(partner, number, tag) {
  const name = `Cliente ${String.fromCharCode(65 + (number % 26))} Souza`;
  const made = await partner.post("/api/v3/customers", {
    cpf: cpf(310_000_000 + number), cnpj: cnpj(31_000_000 + number), name, phone: "+5511999999999",
    email: `c${number}+${tag}@example.com`,
  });
  for (const type of ["cnh", "selfie", "ccmei"]) await partner.upload(made.id, type, "%PDF-1.7");
  return made;
}

/** A loan whose contract is signed, and whose money waits for an order. */
async function signedLoan(partner, number) {
  const { id } = await customer(partner, number, "never_disbursed");
  const offer = await partner.until(`/v3/customers/${id}/credit-offers`, (list) => list.data[0]);
  const simulation = await partner.post(`/v3/credit-offers/${offer.id}/simulations`, {
    requested_amount: "10000.00", installment_count: 12,
  });
  const loan = await partner.post("/v3/loans", {
    credit_offer_id: offer.id, simulation_id: simulation.id, installments: 12,
    installments_value: simulation.installments_value, first_due_date: simulation.first_due_date,
  });
  return partner.until(`/v3/loans/${loan.id}`, (now) => now.status === "signed" && now);
}

/** A person at the console, who uses no mouse. */
class Person {
  static async of({ browser, origin, artifacts, check }, name) {
    const person = new Person();
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    Object.assign(person, { name, origin, artifacts, check, page: await context.newPage() });
    return person;
  }
  open = (path) => this.page.goto(this.origin + path);
  text = async () => (await this.page.locator("body").innerText()).replaceAll("\u00a0", " ");
  picture = (name) => this.page.screenshot({ path: join(this.artifacts, `day-${name}.png`), fullPage: true });
  /** Presses a key that opens another page. */
  async follow(key) {
    await Promise.all([this.page.waitForEvent("load"), this.page.keyboard.press(key)]);
  }
  async keys(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }
  /** Moves the focus by Tab to an element. */
  async tabTo(selector) {
    for (let presses = 0; presses < 100; presses++) {
      if (await this.page.evaluate((selector) => document.activeElement?.matches(selector), selector)) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not reach ${selector} on ${this.page.url()}`);
  }
}

/** An invited person chooses a password and sets an authenticator up. */
async function invited(place, name, link) {
  const person = await Person.of(place, name);
  const { page, check } = person;
  await person.open(new URL(link).pathname);
  await person.tabTo("main button");
  await person.follow("Enter");
  await page.keyboard.type(PASSWORD);
  await person.follow("Enter");
  const secret = await page.locator("[name=secret]").getAttribute("value");
  await person.tabTo("[name=code]");
  await page.keyboard.type(authenticatorCode(secret));
  await person.follow("Enter");
  check((await page.locator(".codes li").count()) > 5, `${name} chooses a password and sets an authenticator up`);
  await person.open("/console");
  return person;
}

/** Decides every case of the first queue. A case has three documents. */
async function kyc(person) {
  const { page, check } = person;
  await person.open("/console/queues/kyc_to_review");
  await person.picture("kyc-queue");
  await person.follow("n");
  let decisions = 0;
  for (let cases = 0; cases < CASES; cases++) {
    const reject = cases % 25 === 24;
    while ((await page.locator("#revisao [name=verdict]").count()) > 0) {
      if (decisions === 0) await person.picture("kyc-case");
      await person.keys(reject ? "r" : "a");
      if (reject) {
        await person.keys("Tab", "ArrowDown");
        await person.tabTo("#revisao [type=submit]");
      }
      await person.follow("Enter");
      decisions += 1;
      if (reject) break;
    }
    if (cases < CASES - 1) await person.follow("n");
  }
  check(decisions > 2 * CASES, `${person.name} decides ${CASES} cases with ${decisions} keys a or r`);
}

/** Opens the case at a place of a queue. */
async function openCase(person, queue, place) {
  await person.open(`/console/queues/${queue}`);
  for (let presses = 0; presses <= place; presses++) await person.keys("j");
  await person.follow("Enter");
}

/** Answers a question. It begins at its safe answer. */
async function answer(person, form = "main form.dialog") {
  await person.tabTo(`${form} [type=submit]`);
  await person.follow("Enter");
}

/** Chooses an action of a loan's page. */
async function act(person, action) {
  await person.tabTo(`main a[href*="/ask/${action}"]`);
  await person.follow("Enter");
}

async function approveEvery(person, count) {
  for (let approved = 0; approved < count; approved++) {
    await person.open("/console/queues/proposals");
    await person.follow("n");
    if (approved === 0) await person.picture("proposal");
    await person.keys("a");
    await answer(person, "dialog[open]");
  }
}

/** One person proposes the disbursement of every signed loan, and another approves it. */
async function disburse(proposer, approver, partner, loans) {
  const { check } = proposer;
  for (const place of loans.keys()) {
    await openCase(proposer, "waiting_for_money", place);
    await act(proposer, "disbursement");
    if (place === 0) await proposer.picture("proposing");
    await answer(proposer);
  }
  await approveEvery(approver, loans.length);
  for (const { id } of loans) await partner.until(`/v3/loans/${id}`, (now) => now.status === "active");
  check(true, `${proposer.name} proposes ${loans.length} disbursements, and ${approver.name} approves them`);
}

/** A payment by mistake is taken back by two people. */
async function reverse(proposer, approver, { id }) {
  const { page, check } = proposer;
  const loan = `/console/loans/${id}`;
  await proposer.open(loan);
  await proposer.follow("p");
  await proposer.tabTo("[name=amount]");
  await page.keyboard.type("500,00");
  await proposer.tabTo("[name=reference]");
  await page.keyboard.type("E31872495202611271200abcdefghijk");
  await answer(proposer);
  await answer(proposer);
  await proposer.open(`${loan}?tab=payments`);
  await proposer.tabTo('main a[href*="/reverse"]');
  await proposer.follow("Enter");
  await answer(proposer);
  await approveEvery(approver, 1);
  await proposer.open(`${loan}?tab=payments`);
  await proposer.picture("reversed");
  check(/estornad/i.test(await proposer.text()), `${proposer.name} proposes a reversal, and ${approver.name} approves it`);
}

export async function day(place, partner) {
  const { check } = place;
  await Promise.all(Array.from({ length: CASES }, (_, number) => customer(partner, number, "manual")));
  const loans = await Promise.all(Array.from({ length: LOANS }, (_, number) => signedLoan(partner, 500 + number)));
  check(loans.length === LOANS, `${CASES} customers and ${LOANS} signed loans wait`);
  const ana = await invited(place, "Ana", partner.invite("ana@example.com", "Ana Prado", ["analyst", "treasury"]));
  const rui = await invited(place, "Rui", partner.invite("rui@example.com", "Rui Paz", ["treasury"]));
  await kyc(ana);
  await disburse(ana, rui, partner, loans);
  await reverse(ana, rui, loans[0]);
}
