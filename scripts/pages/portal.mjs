// Opens the portal's pages in each look, and reads a guide by keyboard: tabs of code, the search, and a request from the
// reference with the reader's token.
import { looks } from "./looks.mjs";

const PAGES = {
  home: "/",
  reference: "/docs/reference",
  generation: "/docs/reference/v3",
  operation: "/docs/reference/v3/createLoan",
  upload: "/docs/reference/sdk/uploadKycAttachment",
  events: "/docs/events",
  errors: "/docs/errors",
  error: "/errors/validation-failed",
  search: "/docs/search?q=loan",
  changelog: "/docs/changelog",
  status: "/status",
};

/** The guides that have every kind of block: tabs, files, outputs, tables, tasks. */
const GUIDES = ["", "/quick-start", "/webhooks", "/errors", "/going-to-production"];

async function chooseLanguage(page, origin, check) {
  const shown = () => page.locator(".codebox[data-tabs] .panel[data-on]").first().getAttribute("data-lang");
  const tab = page.locator(".codebox [role=tab]", { hasText: "Python" }).first();
  await page.locator(".codebox [role=tab][aria-selected=true]").first().focus();
  await page.keyboard.press("ArrowRight");
  check((await tab.getAttribute("aria-selected")) === "true", "an arrow key chooses the next language");
  await page.goto(`${origin}/docs/pt-BR/webhooks`);
  check((await shown()) === "python", "the choice holds for every guide");
}

/** A press on the page itself copies nothing. */
async function copy(page, origin, check) {
  await page.goto(`${origin}/docs/pt-BR/quick-start`);
  await page.locator("h1").click();
  check((await page.locator(".toast").count()) === 0, "a press beside the buttons copies nothing");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin });
  await page.locator("[data-copy-from]:visible").first().press("Enter");
  await page.locator(".toast").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  check(copied.startsWith("dinie serve"), "the button copies the block");
}

async function search(page, origin, check) {
  await page.goto(`${origin}/docs/pt-BR/quick-start`);
  await page.keyboard.press("/");
  await page.keyboard.type("simulation_mismatch");
  await page.locator("#achados a.hit").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/errors.validation-failed#simulation_mismatch/);
  check(true, "the search leads to an error by keyboard alone");
}

const tasks = async (page, origin, check) => {
  await chooseLanguage(page, origin, check);
  await copy(page, origin, check);
  await search(page, origin, check);
};

/** Sends a request from the reference. */
const attempt = (token) => async (page, origin, check) => {
  await page.goto(`${origin}/docs/reference/v3/listCustomers`);
  await page.locator("#try-token").fill(token);
  await page.keyboard.press("Enter");
  await page.locator("form[data-try] output pre").waitFor();
  const answer = await page.locator("form[data-try] output").innerText();
  check(answer.startsWith("200") && answer.includes("\"data\""), "the reference sends a request with the reader's token");
};

/** A page without scripts shows every language, and its search is a form. */
async function withoutScripts({ browser, origin, check }) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${origin}/docs/en/webhooks`);
  const panels = page.locator(".codebox[data-tabs] .panel");
  const seen = await panels.evaluateAll((all) => all.every((panel) => panel.getBoundingClientRect().height > 0));
  check(seen, "without scripts every language is shown");
  await page.locator("a.top-search").click();
  await page.locator("#q").fill("idempotency");
  await page.locator("main button").press("Enter");
  check((await page.locator("main a.hit").count()) > 0, "without scripts the search is a form");
  await context.close();
}

export async function portal(place, token) {
  for (const guide of GUIDES) {
    const name = `portal-guide${guide.replace("/", "-")}`;
    await looks(place, name, (language) => `/docs/${language}${guide}`, guide === "/quick-start" ? { tasks } : {});
  }
  for (const [name, path] of Object.entries(PAGES)) {
    await looks(place, `portal-${name}`, path, name === "operation" ? { tasks: attempt(token) } : {});
  }
  await withoutScripts(place);
}
