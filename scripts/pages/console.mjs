// Signs in to the console by the link of the first start, and opens its pages in each look.
import { looks } from "./looks.mjs";
import { passkeys } from "./passkeys.mjs";

/** The browser's state after the link was used by keyboard. */
async function signedIn({ browser, origin, check }, link) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(origin + link);
  await page.locator("main button").press("Enter");
  await page.waitForURL(`${origin}/console`);
  check(true, "a link and one key sign in");
  const storageState = await context.storageState();
  await page.goto(origin + link);
  check(/usado/.test(await page.locator("h1").textContent()), "the link is used up");
  await context.close();
  return storageState;
}

async function search(page, origin, check) {
  await page.keyboard.press("Control+k");
  await page.keyboard.type("souza");
  await page.locator("#achados a").first().waitFor();
  check(true, "Ctrl+K opens the search, which answers while one types");
  await page.keyboard.press("Escape");
  await page.goto(`${origin}/console`);
}

/** A page of the signed-in browser, at an address. */
async function visit({ browser, origin }, storageState, path) {
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  await page.goto(origin + path);
  return page;
}

/** The address behind the first link that a page has to such an address. */
async function linked(place, storageState, path, to) {
  const page = await visit(place, storageState, path);
  const address = await page.locator(`main a[href*="${to}"]`).first().getAttribute("href");
  await page.context().close();
  return address;
}

/** The address of the newest row of a list. Two keys open it. */
async function first(place, storageState, list, address, shown) {
  const page = await visit(place, storageState, list);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(address);
  place.check(await page.locator(shown).first().isVisible(), `two keys open the first row of ${list}`);
  const path = new URL(page.url()).pathname;
  await page.context().close();
  return path;
}

/** Proposes the reversal of a payment. Returns the address of the proposal. */
async function proposed(place, storageState, reversal) {
  const page = await visit(place, storageState, reversal);
  await page.locator("main form.dialog [type=submit]").press("Enter");
  await page.waitForURL(/proposals\/prop_/);
  const path = new URL(page.url()).pathname;
  await page.context().close();
  return path;
}

/** A marked case of a queue leads to a preview, by keyboard alone. */
async function queue(page, origin, check) {
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  check(await page.locator(".bulk").isVisible(), "a marked case shows the actions");
  await page.keyboard.press("m");
  await page.waitForURL(/\/assign\?/);
  check(/Pegar 1 caso|Take 1 case/.test(await page.locator("h1").textContent()), "m shows what will happen");
  await page.goto(`${origin}/console/queues/credit_referred`);
}

/** Runs two tasks at a time, because a machine with two cores then waits less. */
async function inPairs(tasks) {
  const next = async () => {
    for (let task = tasks.shift(); task; task = tasks.shift()) await task();
  };
  await Promise.all([next(), next()]);
}

/** The pages of the own account, of people, of the audit trail and of partners, by name. */
async function control({ linked, first }) {
  const partner = await first("/console/partners", /partners\/ptr_/, "#t-cred");
  const settings = ["", "/policy", "/rates", "/letters", "/roles", "/tokens"];
  return {
    account: "/me",
    authenticator: "/me/authenticator",
    password: "/me/password",
    proof: "/sign-in/proof",
    "sign-in": "/sign-in",
    forgot: "/sign-in/forgot",
    people: "/console/people",
    invite: "/console/people/invite",
    program: "/console/people/program",
    audit: "/console/audit",
    "audit-check": "/console/audit/check",
    "audit-entry": await linked("/console/audit", "/console/audit?"),
    partners: "/console/partners",
    "new-partner": "/console/partners/new",
    partner,
    "new-credential": `${partner}/credential`,
    credential: await linked(partner, "/credentials/"),
    ...Object.fromEntries(settings.map((page) => [`settings${page.replace("/", "-")}`, `/console/settings${page}`])),
  };
}

/** The page that confirms the login of a program. */
async function askedBy(place) {
  const answer = await fetch(place.origin + "/login/program", { method: "POST", body: JSON.stringify({ name: "laptop" }) });
  return `/dashboard/connect/${(await answer.json()).code}`;
}

/** The pages of a partner's dashboard, by name. The sandbox's administrator opens that of the first partner. */
async function dashboard({ linked, place, storageState }) {
  const page = await visit(place, storageState, "/dashboard/webhooks/new");
  await page.fill("#url", "https://example.com/hooks");
  await page.locator("main form [type=submit]").press("Enter");
  const endpoint = await page.locator('main a[href*="/dashboard/webhooks/we_"]').first().getAttribute("href");
  await page.goto(place.origin + endpoint);
  await page.locator("main form[action$='/test'] [type=submit]").press("Enter");
  await page.waitForURL(/deliveries\/dlv_/);
  const delivery = new URL(page.url()).pathname;
  await page.goto(`${place.origin}/dashboard/sandbox`);
  await page.fill("#name", "Doze meses de pagamentos");
  await page.locator("main form[action$='/sandbox/clocks'] [type=submit]").press("Enter");
  await page.waitForURL(/clock=clk_/);
  const clock = new URL(page.url());
  await page.context().close();
  return {
    "partner-home": "/dashboard",
    "partner-search": "/dashboard/search?q=souza",
    "partner-customers": "/dashboard/customers",
    "partner-customer": await linked("/dashboard/customers", "/dashboard/customers/cust_"),
    "partner-customers-found": "/dashboard/customers?q=souza",
    "partner-loans": "/dashboard/loans",
    "partner-loan": await linked("/dashboard/loans?status=active", "/dashboard/loans/ln_"),
    "partner-loan-statement": `${await linked("/dashboard/loans?status=active", "/dashboard/loans/ln_")}/statement`,
    "partner-customer-timeline": `${await linked("/dashboard/customers", "/dashboard/customers/cust_")}?tab=timeline`,
    "partner-loan-timeline": `${await linked("/dashboard/loans?status=active", "/dashboard/loans/ln_")}?tab=timeline`,
    "partner-requests": "/dashboard/requests",
    "partner-request": await linked("/dashboard/requests?status=2xx&method=POST", "/dashboard/requests/rlog_"),
    "partner-idempotency": "/dashboard/idempotency-keys?key=none",
    "partner-events": "/dashboard/events",
    "partner-event": await linked("/dashboard/events", "/dashboard/events/"),
    "partner-webhooks": "/dashboard/webhooks",
    "partner-webhook-new": "/dashboard/webhooks/new",
    "partner-webhook": endpoint,
    "partner-webhook-replay": `${endpoint}/replay`,
    "partner-delivery": delivery,
    "partner-sandbox": "/dashboard/sandbox",
    "partner-sandbox-ahead": "/dashboard/sandbox?by=month",
    "partner-sandbox-clock": `${clock.pathname}${clock.search}`,
    "partner-mailbox": "/dashboard/sandbox/mailbox",
    "partner-keys": "/dashboard/keys",
    "partner-key-new": "/dashboard/keys/new",
    "partner-key": await linked("/dashboard/keys", "/dashboard/keys/dinie_ci"),
    "partner-connect": "/dashboard/connect",
    "partner-connect-code": await askedBy(place),
    "partner-connected": "/dashboard/connect/done",
    "partner-team": "/dashboard/team",
    "partner-invite": "/dashboard/team/invite",
  };
}

/** The pages of loans and money, by name. */
async function money({ linked, first }) {
  const loan = await first("/console/loans", /loans\/ln_/, "svg.chart");
  const tabs = ["payments", "ledger", "contract", "mails", "timeline", "notes"];
  return {
    loans: "/console/loans",
    loan,
    ...Object.fromEntries(tabs.map((tab) => [`loan-${tab}`, `${loan}?tab=${tab}`])),
    "loan-payment": `${loan}/ask/payment`,
    money: "/console/money",
    payments: "/console/money/payments",
    payment: await linked("/console/money/payments", "/console/payments/"),
    reversal: await linked(`${loan}?tab=payments`, "/reverse"),
    balance: "/console/money/balance",
    "balance-entries": "/console/money/balance/cash",
  };
}

/** The pages of customers and of the day's work, by name. */
async function work({ linked }, { customer, referred }) {
  const page = `/console/customers/${customer.id}`;
  const tabs = ["offers", "loans", "mails", "timeline", "notes"];
  return {
    home: "/console",
    queue: "/console/queues/credit_referred",
    "queue-empty": "/console/queues/proposals",
    "queue-assign": `/console/queues/credit_referred/assign?id=${referred.id}`,
    view: "/console/queues/overdue?amount_from=50000.00",
    search: "/console/search?q=souza",
    customers: "/console/customers",
    customer: page,
    ...Object.fromEntries(tabs.map((tab) => [`customer-${tab}`, `${page}?tab=${tab}`])),
    "customer-shown": `${page}/shown`,
    credit: await linked("/console/queues/credit_referred", `/customers/${referred.id}`),
    letter: await linked(`${page}?tab=mails`, "/console/mails/"),
  };
}

export async function operators(place, link, subjects) {
  const storageState = await signedIn(place, link);
  const tasks = { home: search, queue };
  const look = (pages) => {
    const one = ([name, path]) => () => looks(place, `console-${name}`, path, { storageState, tasks: tasks[name] });
    return inPairs(Object.entries(pages).map(one));
  };
  const at = {
    place,
    storageState,
    linked: (path, to) => linked(place, storageState, path, to),
    first: (list, address, shown) => first(place, storageState, list, address, shown),
  };
  // The pages that ask for a fresh proof come first: the link's proof is ten minutes old soon.
  await passkeys(place, storageState);
  const person = await at.linked("/console/people", "/console/people/op_");
  const pages = { "person-roles": `${person}/roles`, person, ...(await control(at)) };
  await look(await dashboard(at));
  const ofMoney = await money(at);
  await look({ ...pages, ...(await work(at, subjects)), ...ofMoney });
  await look({ proposal: await proposed(place, storageState, ofMoney.reversal) });
}
