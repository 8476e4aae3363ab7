// Opens a page in each theme and each language, at each width. The page must have no sideways scroll, no error in the
// console and no failed request. On a desktop and on a phone it must have no violation that axe-core finds, and a picture
// of it goes to the artifacts.
import axe from "axe-core";
import { join } from "node:path";
import { pictured } from "./person.mjs";

const SIZES = { 1440: 900, 720: 450, 390: 844, 320: 640 };
const PICTURED = ["1440", "390"];

/** A separate browser context, whose complaints are collected. */
async function visitor(browser, origin, complaints, storageState) {
  const viewport = { width: 1440, height: SIZES[1440] };
  const context = await browser.newContext({ viewport, reducedMotion: "reduce", storageState });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => {
    // A page that is left ends its own requests.
    const why = request.failure()?.errorText;
    if (why !== "net::ERR_ABORTED") complaints.push(`${request.url()} failed: ${why}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.url()} answered ${response.status()}`);
  });
  page.on("request", (request) => {
    // The browser's own viewer of PDF files is an extension of it.
    const { origin: to, protocol } = new URL(request.url());
    if (to !== origin && !protocol.startsWith("chrome")) complaints.push(`a request went to ${request.url()}`);
  });
  return page;
}

async function violations(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.html}`));
}

/** Waits until the page and its fonts are loaded. */
async function settled(page) {
  await page.waitForLoadState("load");
  await page.evaluate(() => document.fonts.ready);
}

/** Gives the page another size, and waits until its scripts know: a browser tells `matchMedia` with the next picture. */
async function resized(page, size) {
  await page.setViewportSize(size);
  await pictured(page);
}

/** A page that is open in one theme and one language, at each width. People use two of the widths; these are pictured. */
async function atEachWidth(page, { artifacts, check }, where) {
  for (const [width, height] of Object.entries(SIZES)) {
    await resized(page, { width: Number(width), height });
    const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    check(fits, `${where(width)}: the page does not scroll sideways`);
    if (!PICTURED.includes(width)) continue;
    const found = await violations(page);
    check(found.length === 0, `${where(width)}: axe-core finds nothing ${found.join("\n")}`);
    await page.screenshot({ path: join(artifacts, `${where(width).replaceAll(" ", "-")}.png`), fullPage: true });
  }
  await resized(page, { width: 1440, height: SIZES[1440] });
}

/**
 * Every look of a page. `path` is a function of the language if the address of the page contains its language. `tasks`
 * are what a person does on it by keyboard. `storageState` is that of a signed-in browser.
 */
export async function looks(place, name, path, { tasks, storageState } = {}) {
  const { browser, origin, check } = place;
  const complaints = [];
  const page = await visitor(browser, origin, complaints, storageState);
  const at = typeof path === "string" ? () => path : path;
  const address = (language, theme) => `${origin}${at(language)}${at(language).includes("?") ? "&" : "?"}tema=${theme}`;
  for (const [language, theme] of [["pt-BR", "light"], ["pt-BR", "dark"], ["en", "light"], ["en", "dark"]]) {
    await page.goto(address(language, theme));
    await settled(page);
    if ((await page.locator("html").getAttribute("lang")) !== language) {
      await page.locator("form[action='/language'] button:visible").first().press("Enter");
      // A frame of the page before may still load, so the new page is known by its language.
      await page.locator(`html[lang="${language}"]`).waitFor({ state: "attached" });
      await page.goto(address(language, theme));
      await settled(page);
    }
    const where = (width) => `${name} ${width} ${theme} ${language}`;
    check((await page.locator("html").getAttribute("lang")) === language, `${where(1440)}: the page has its language`);
    await atEachWidth(page, place, where);
    if (theme === "light" && language === "pt-BR") await tasks?.(page, origin, check);
    check(complaints.length === 0, `${where(1440)}: nothing failed ${complaints.join("; ")}`);
  }
  await page.context().close();
}
