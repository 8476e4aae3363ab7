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

/** The address of the newest loan. */
async function firstLoan({ browser, origin, check }, storageState) {
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  await page.goto(`${origin}/console/loans`);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/loans\/ln_/);
  check(await page.locator("svg.chart").first().isVisible(), "two keys open a loan with its picture");
  const address = new URL(page.url()).pathname;
  await context.close();
  return address;
}

/** The address of the newest partner. */
async function firstPartner({ browser, origin, check }, storageState) {
  const context = await browser.newContext({ storageState });
  const page = await context.newPage();
  await page.goto(`${origin}/console/partners`);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/partners\/ptr_/);
  check(await page.locator("#t-cred").isVisible(), "two keys open a partner with its credentials");
  const address = new URL(page.url()).pathname;
  await context.close();
  return address;
}

/** The first case of a queue is opened, and its bar leads back, by keyboard alone. */
async function queue(page, origin, check) {
  if ((await page.locator("[data-rows] > tr").count()) === 0) return;
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  check(await page.locator(".bulk").isVisible(), "a marked case shows the actions");
  await page.keyboard.press("m");
  await page.waitForURL(/\/assign\?/);
  check(/Pegar 1 caso|Take 1 case/.test(await page.locator("h1").textContent()), "m shows what will happen");
  await page.goto(`${origin}/console/queues/contracts_unsigned`);
}

export async function operators(place, link, customer) {
  const storageState = await signedIn(place, link);
  await looks(place, "console-home", "/console", { storageState, tasks: search });
  await looks(place, "console-queue", "/console/queues/contracts_unsigned", { storageState, tasks: queue });
  await looks(place, "console-queue-empty", "/console/queues/proposals", { storageState });
  await looks(place, "console-people", "/console/people", { storageState });
  await looks(place, "console-invite", "/console/people/invite", { storageState });
  await looks(place, "console-forgot", "/console/forgot", { storageState });
  await looks(place, "console-program", "/console/people/program", { storageState });
  await looks(place, "console-sign-in", "/console/sign-in", { storageState });
  await looks(place, "console-authenticator", "/console/account/authenticator", { storageState });
  await looks(place, "console-proof", "/console/proof", { storageState });
  await looks(place, "console-account", "/console/account", { storageState });
  await looks(place, "console-search", "/console/search?q=souza", { storageState });
  await looks(place, "console-customer", `/console/customers/${customer.id}`, { storageState });
  await looks(place, "console-customers", "/console/customers", { storageState });
  await looks(place, "console-credit", `/console/customers/${customer.id}/credit`, { storageState });
  const loan = await firstLoan(place, storageState);
  await looks(place, "console-loans", "/console/loans", { storageState });
  await looks(place, "console-money", "/console/money", { storageState });
  await looks(place, "console-payments", "/console/money/payments", { storageState });
  await looks(place, "console-balance", "/console/money/balance", { storageState });
  await looks(place, "console-balance-entries", "/console/money/balance/cash", { storageState });
  await looks(place, "console-audit", "/console/audit", { storageState });
  await looks(place, "console-loan", loan, { storageState });
  for (const tab of ["payments", "ledger", "mails", "notes"]) {
    await looks(place, `console-loan-${tab}`, `${loan}?tab=${tab}`, { storageState });
  }
  await looks(place, "console-partners", "/console/partners", { storageState });
  await looks(place, "console-new-partner", "/console/partners/new", { storageState });
  await looks(place, "console-partner", await firstPartner(place, storageState), { storageState });
  for (const page of ["", "/rates", "/letters", "/roles", "/tokens"]) {
    await looks(place, `console-settings${page.replace("/", "-")}`, `/console/settings${page}`, { storageState });
  }
  await looks(place, "console-customer-notes", `/console/customers/${customer.id}?tab=notes`, { storageState });
  await looks(place, "console-view", "/console/queues/overdue?amount_from=50000.00", { storageState });
  await looks(place, "console-timeline", `/console/customers/${customer.id}?tab=timeline`, { storageState });
  await passkeys(place, storageState);
}
