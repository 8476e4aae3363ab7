// A day of two people at the console, by keyboard alone: a hundred cases of KYC, ten credit decisions that the policy left
// to people, the money of ten loans, which one person proposes and another approves, a payment that is reversed, and the
// trial balance of the day.
import { invited } from "./person.mjs";

// A grey square of one pixel. The browser starts a process for each frame with a PDF, and the day opens 300 documents.
const PHOTO = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
  "base64",
);
const CASES = 100;
const REFERRED = 10;
const LOANS = 10;

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

/** A customer who has sent every document. */
async function customer(partner, number, tag) {
  const name = `Cliente ${String.fromCharCode(65 + (number % 26))} Souza`;
  const made = await partner.post("/api/v3/customers", {
    cpf: cpf(310_000_000 + number), cnpj: cnpj(31_000_000 + number), name, phone: "+5511999999999",
    email: `c${number}+${tag}@example.com`,
  });
  for (const type of ["cnh", "selfie", "ccmei"]) await partner.upload(made.id, type, PHOTO);
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

/** Decides every case of the first queue. A case has three documents. */
async function kyc(person) {
  const { page, check } = person;
  await person.menu("/console/queues/kyc_to_review");
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

/** The installment of the price in sight. */
const installment = (page) => page.locator(".price .money-xl").innerText();

/** Changes the terms of an offer and approves it at the price that follows from them. */
async function approve(person, amount) {
  const { page, check } = person;
  const suggested = await installment(page);
  await person.write("[name=amount]", amount);
  await person.write("[name=rate]", "2,99");
  await page.waitForFunction((old) => document.querySelector("#preco .money-xl")?.innerText !== old, suggested);
  await page.locator(".htmx-request").waitFor({ state: "detached" });
  const price = await installment(page);
  await person.write("[name=reasons]", "Faturamento dos últimos doze meses comprovado.");
  await person.tabTo("[name=outcome]");
  await person.picture("credit-case");
  await person.follow("a");
  check((await installment(page)) === price, `the question about R$ ${amount} has the price of the form, ${price}`);
  await person.follow("a");
}

async function refuse(person) {
  await person.write("[name=reasons]", "O faturamento informado não foi comprovado.");
  await person.tabTo("[name=outcome]");
  await person.follow("r");
}

/** Decides the credit that the policy left to people. The last amount is above the limit of the one who decides. */
async function credit(person, approver, partner) {
  const { page, check } = person;
  await person.menu("/console/queues/credit_referred");
  await person.picture("credit-queue");
  const approved = [], refused = [];
  for (let cases = 0; cases < REFERRED; cases++) {
    await person.follow("n");
    const [customer] = /cust_[0-9a-z]+/.exec(page.url());
    if (cases % 3 === 2) {
      await refuse(person);
      refused.push(customer);
    } else {
      await approve(person, cases === REFERRED - 1 ? "60.000,00" : "30.000,00");
      approved.push(customer);
    }
  }
  check(/proposals\//.test(page.url()), `an amount above the limit of ${person.name} waits for another person`);
  await approveEvery(approver, 1);
  const offers = (customer) => `/v3/customers/${customer}/credit-offers`;
  const made = await Promise.all(approved.map((customer) => partner.until(offers(customer), (list) => list.data[0])));
  check(made.every((offer) => offer.interest_rate === 2.99), `${approved.length} customers have offers with the new terms`);
  check(made.at(-1).approved_amount === "60000.00", `${approver.name} approves the amount above the limit`);
  for (const customer of refused) check((await partner.get(offers(customer))).data.length === 0, "no offer after a refusal");
}

/** Chooses an action of a loan's page. */
async function act(person, action) {
  await person.tabTo(`main a[href*="/ask/${action}"]`);
  await person.follow("Enter");
}

async function approveEvery(person, count) {
  await person.menu("/console/queues/proposals");
  for (let approved = 0; approved < count; approved++) {
    await person.follow("n");
    if (approved === 0) await person.picture("proposal");
    await person.keys("a");
    await person.answer("dialog[open]");
  }
}

/** One person proposes the disbursement of every signed loan, and another approves it. */
async function disburse(proposer, approver, partner, loans) {
  const { check } = proposer;
  await proposer.menu("/console/queues/waiting_for_money");
  for (const place of loans.keys()) {
    await proposer.follow("n");
    await act(proposer, "disbursement");
    if (place === 0) await proposer.picture("proposing");
    await proposer.answer();
  }
  await approveEvery(approver, loans.length);
  for (const { id } of loans) await partner.until(`/v3/loans/${id}`, (now) => now.status === "active");
  check(true, `${proposer.name} proposes ${loans.length} disbursements, and ${approver.name} approves them`);
}

/** A payment by mistake is taken back by two people. */
async function reverse(proposer, approver, { id }) {
  const { page, check } = proposer;
  await proposer.find(id);
  await proposer.follow("p");
  await proposer.write("[name=amount]", "500,00");
  await proposer.write("[name=reference]", "E31872495202611271200abcdefghijk");
  await proposer.answer();
  await proposer.answer();
  const payments = 'main .tabs a[href*="tab=payments"]';
  await proposer.tabTo(payments);
  await proposer.follow("Enter");
  await proposer.tabTo('main a[href*="/reverse"]');
  await proposer.follow("Enter");
  await proposer.answer();
  await approveEvery(approver, 1);
  await proposer.find(id);
  await proposer.tabTo(payments);
  await proposer.follow("Enter");
  await proposer.picture("reversed");
  check(/estornad/i.test(await proposer.text()), `${proposer.name} proposes a reversal, and ${approver.name} approves it`);
}

/** An amount of a page or of a file, in cents. */
const cents = (text) => Number(text.replace(/[^\d-]/g, ""));
const sum = (lines, column) => lines.reduce((sum, line) => sum + cents(line[column]), 0);

/** The day's trial balance, and the entries behind the balance of the cash. */
async function balance(person) {
  const { page, check } = person;
  await person.menu("/console/money/balance");
  await person.picture("balance");
  const moved = (await page.locator("tfoot td.num").allInnerTexts()).map(cents);
  check(moved.length === 2 && moved[0] > 0 && moved[0] === moved[1], "the day's debits are equal to its credits");
  const accounts = await person.exported();
  check(sum(accounts, "debit") === moved[0] && sum(accounts, "credit") === moved[1], "the file has the sums of the page");
  check(sum(accounts, "closing") === 0, "the balances of all accounts add up to zero");
  const cash = accounts.findIndex(({ account }) => account === "cash");
  for (let presses = 0; presses <= cash; presses++) await person.keys("j");
  await person.follow("Enter");
  await person.picture("balance-entries");
  // Each loan was disbursed. One payment was recorded and reversed.
  check((await page.locator("[data-rows] > tr").count()) === LOANS + 2, "the balance of the cash leads to its entries");
  const entries = await person.exported();
  const adds = (column) => sum(entries, column) === cents(accounts[cash][column]);
  check(entries.length === LOANS + 2 && adds("debit") && adds("credit"), "its entries add up to its movement");
}

export async function day(place, partner) {
  const { check } = place;
  const each = (count, made) => Promise.all(Array.from({ length: count }, (_, number) => made(number)));
  await each(CASES, (number) => customer(partner, number, "manual"));
  await each(REFERRED, (number) => customer(partner, 700 + number, "credit_referred"));
  const loans = await each(LOANS, (number) => signedLoan(partner, 500 + number));
  check(loans.length === LOANS, `${CASES + REFERRED} customers and ${LOANS} signed loans wait`);
  const roles = { ana: ["analyst", "credit", "treasury"], rui: ["credit-committee", "treasury"] };
  const ana = await invited(place, "Ana", partner.invite("ana@example.com", "Ana Prado", roles.ana));
  const rui = await invited(place, "Rui", partner.invite("rui@example.com", "Rui Paz", roles.rui));
  await kyc(ana);
  await credit(ana, rui, partner);
  await disburse(ana, rui, partner, loans);
  await reverse(ana, rui, loans[0]);
  await balance(ana);
}
