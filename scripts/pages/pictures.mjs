// Makes the pictures of README.md from `dinie demo --console`:
//   CHROMIUM=/usr/bin/chromium node scripts/pages/pictures.mjs target/release/dinie
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { chromium } from "playwright-core";

const folder = resolve(import.meta.dirname, "../../docs/pictures");
mkdirSync(folder, { recursive: true });
const demo = spawn(resolve(process.argv[2]), ["demo", "--console", "--listen", "127.0.0.1:8099"], {
  stdio: ["ignore", "pipe", "inherit"],
});
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
try {
  let said = "";
  for await (const part of demo.stdout) {
    said += part;
    if (/\/sign-in\/link\/\S+\s/.test(said)) break;
  }
  const [link] = /https?:\S+\/sign-in\/link\/\S+/.exec(said);
  const { origin } = new URL(link);
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, reducedMotion: "reduce" });
  const page = await context.newPage();
  const picture = (name) => page.screenshot({ path: `${folder}/${name}.png` });
  await page.goto(link);
  await page.locator("main button").press("Enter");
  await page.waitForURL(`${origin}/console`);
  await page.waitForLoadState("networkidle");
  await picture("console-home");
  await page.goto(`${origin}/console/queues/overdue`);
  await page.keyboard.press("j");
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  await page.waitForLoadState("networkidle");
  await picture("console-loan");
} finally {
  await browser.close();
  demo.kill();
}
