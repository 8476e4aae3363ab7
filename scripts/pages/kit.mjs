// Opens /kit, the page with every component, in each look, and uses its parts by keyboard.
import { looks } from "./looks.mjs";

async function tasks(page, origin, check) {
  const focused = () => page.evaluate(() => document.activeElement.outerHTML);
  const open = page.locator("[data-open-dialog=kit-dialog]");
  await open.focus();
  await page.keyboard.press("Enter");
  check(await page.locator("#kit-dialog").evaluate((dialog) => dialog.matches(":modal")), "a key opens the dialog");
  check(/Cancelar|Cancel/.test(await focused()), "the dialog begins at its safe button");
  await page.keyboard.press("Escape");
  check((await focused()).includes("kit-dialog"), "the closed dialog gives the focus back");
  await page.keyboard.press("?");
  check(await page.locator("#teclas").isVisible(), "? shows the keys");
  await page.keyboard.press("Escape");
  const dark = () => page.evaluate(() => document.documentElement.dataset.theme);
  await page.locator("[data-theme-toggle]").press("Enter");
  const chosen = await dark();
  await page.goto(`${origin}/kit`);
  check(chosen === "dark" && (await dark()) === chosen, "the chosen theme stays on the next page");
}

export const kit = (place) => looks(place, "kit", "/kit", { tasks });
