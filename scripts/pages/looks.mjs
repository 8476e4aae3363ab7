// Opens a page at each width, in each theme and each language. The page must have no violation that axe-core finds, no
// sideways scroll, no error in the console and no failed request. A picture of each look goes to the artifacts.
import axe from "axe-core";
import { join } from "node:path";

const SIZES = { 1440: 900, 720: 450, 390: 844, 320: 640 };

/** A separate browser context, whose complaints are collected. */
async function visitor(browser, origin, width, complaints, storageState) {
  const viewport = { width, height: SIZES[width] };
  const context = await browser.newContext({ viewport, reducedMotion: "reduce", storageState });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(`${request.url()} failed`));
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.url()} answered ${response.status()}`);
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`a request went to ${request.url()}`);
  });
  return page;
}

async function violations(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.html}`));
}

/** Every look of a page. `tasks` are what a person does on it by keyboard. `storageState` is that of a signed-in browser. */
export async function looks({ browser, origin, artifacts, check }, name, path, { tasks, storageState } = {}) {
  const themed = `${origin}${path}${path.includes("?") ? "&" : "?"}tema=`;
  for (const width of [1440, 720, 390, 320]) {
    for (const [theme, language] of [["light", "pt-BR"], ["dark", "pt-BR"], ["light", "en"], ["dark", "en"]]) {
      const complaints = [];
      const page = await visitor(browser, origin, width, complaints, storageState);
      const shown = () => page.goto(themed + theme, { waitUntil: "networkidle" });
      await shown();
      if (language === "en") {
        await Promise.all([page.waitForEvent("load"), page.locator("form[action='/language'] button").press("Enter")]);
        await page.waitForLoadState("networkidle");
        await shown();
      }
      await page.evaluate(() => document.fonts.ready);
      const where = `${name} ${width} ${theme} ${language}`;
      check((await page.locator("html").getAttribute("lang")) === language, `${where}: the page has its language`);
      const found = await violations(page);
      check(found.length === 0, `${where}: axe-core finds nothing ${found.join("\n")}`);
      const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
      check(fits, `${where}: the page does not scroll sideways`);
      await page.screenshot({ path: join(artifacts, `${name}-${width}-${theme}-${language}.png`), fullPage: true });
      if (width === 1440 && theme === "light" && language === "pt-BR") await tasks?.(page, origin, check);
      check(complaints.length === 0, `${where}: nothing failed ${complaints.join("; ")}`);
      await page.context().close();
    }
  }
}
