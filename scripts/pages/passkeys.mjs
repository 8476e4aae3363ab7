// Invites a person by e-mail, who chooses a password, makes a passkey with Chromium's virtual authenticator, and signs in
// with both. Browsers make passkeys at localhost, and not at 127.0.0.1.
import { join } from "node:path";
import { looks } from "./looks.mjs";

const EMAIL = "nina@example.com";
const PASSWORD = "cavalo bateria grampo certo";

/** A browser whose authenticator answers by itself while `verified`. */
async function device(browser, storageState) {
  const context = await browser.newContext({ locale: "pt-BR", storageState });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
  const verifies = (isUserVerified) => cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
  return { context, page, verifies };
}

/** The administrator invites a person. Returns the link of the letter. */
async function invitation(page, origin, check) {
  await page.goto(`${origin}/console/people/invite`);
  await page.locator("[name=name]").fill("Nina Prado");
  await page.locator("[name=email]").fill(EMAIL);
  await page.locator("[name=role][value=credit]").press("Space");
  await page.locator("[name=email]").press("Enter");
  await page.waitForURL(/people\/op_/);
  check(/Convite enviado/.test(await page.locator("[role=status]").first().textContent()), "an invitation is sent");
  await page.goto(`${origin}/sandbox/mailbox?address=${encodeURIComponent(EMAIL)}`);
  return new URL(await page.locator("a[href*='/sign-in/link/']").first().getAttribute("href")).pathname;
}

async function signIn(page, origin) {
  await page.goto(`${origin}/sign-in`);
  await page.locator("[name=email]").fill(EMAIL);
  await page.locator("[name=password]").fill(PASSWORD);
  await page.locator("[name=password]").press("Enter");
  await page.waitForURL(/sign-in\/code/);
}

export async function passkeys(place, storageState) {
  const { browser, artifacts, check } = place;
  const origin = place.origin.replace("127.0.0.1", "localhost");
  const cookies = storageState.cookies.map((cookie) => ({ ...cookie, domain: "localhost" }));
  const admin = await device(browser, { cookies, origins: [] });
  const link = await invitation(admin.page, origin, check);
  await admin.context.close();

  const { context, page, verifies } = await device(browser);
  const picture = (name) => page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true });
  await page.goto(origin + link);
  await page.locator("main button").press("Enter");
  await page.waitForURL(/sign-in\/password/);
  await page.locator("[name=password]").fill(PASSWORD);
  await page.locator("[name=password]").press("Enter");
  await page.waitForURL(/sign-in\/authenticator/);
  await picture("passkey-1-first");
  await page.locator("[name=name]").press("Enter");
  await page.locator("code").first().waitFor();
  check((await page.locator("main code").count()) === 10, "a key makes a passkey, and the codes are shown");
  await page.goto(`${origin}/me`);
  check(/Chrome/.test(await page.locator("#t-chaves").locator("xpath=../..").textContent()), "the account lists it");
  await picture("passkey-2-account");
  await page.locator("form[action='/sign-out'] button").first().evaluate((button) => button.form.submit());
  await page.waitForURL(/sign-in/);

  await signIn(page, origin);
  await verifies(false);
  await page.locator("[data-passkey] button").press("Enter");
  await page.locator("[data-failed]").waitFor();
  check(true, "a device that does not know the person is refused, and the page says so");
  await picture("passkey-3-refused");
  await verifies(true);
  await page.locator("[data-passkey] button").press("Enter");
  await page.waitForURL(`${origin}/console`);
  check(true, "password and passkey sign in");
  await page.goto(`${origin}/sign-in/proof?to=%2Fme`);
  await page.locator("[data-passkey] button").press("Enter");
  await page.waitForURL(`${origin}/me`);
  check(true, "a passkey proves the person again");
  const state = await context.storageState();
  await context.close();
  const local = { ...place, origin };
  await looks(local, "console-passkey", "/me/passkeys", { storageState: state });
  await looks(local, "console-passkeys", "/me", { storageState: state });
  await looks(local, "console-proof-passkey", "/sign-in/proof", { storageState: state });
}
