// Signs people in to the console by a real OpenID Connect provider, in headless Chromium: the first sign-in makes the
// person, the groups give the roles, and a fresh proof is asked for at the provider.
//
//   CHROMIUM=/usr/bin/chromium node scripts/sso/sso.mjs ./target/release/dinie
import { spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import Provider from "oidc-provider";
import { chromium } from "playwright-core";

const binary = resolve(process.argv[2]);
const artifacts = resolve("test-artifacts");
mkdirSync(artifacts, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), "dinie-sso-"));

function check(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
  console.log(`  ✓ ${what}`);
}

/** A server of this process, and its address. */
function listening(handler = () => {}) {
  return new Promise((done) => {
    const server = createServer(handler).listen(0, "127.0.0.1", () => done([server, server.address().port]));
  });
}

/** A port that is free now. */
async function freePort() {
  const [server, port] = await listening();
  await new Promise((done) => server.close(done));
  return port;
}

/** The accounts of the provider. A test changes their groups. */
const accounts = {
  helena: { name: "Helena Couto", email: "helena@lua.example", email_verified: true, groups: ["mesa"] },
  rui: { name: "Rui Tavares", email: "rui@lua.example", email_verified: false, groups: ["mesa"] },
  nina: { name: "Nina Prado", email: "nina@lua.example", email_verified: true, groups: ["cozinha"] },
};

/** A real provider. Whoever types an account's name is that account. */
async function provider(redirect) {
  let handle;
  const [server, port] = await listening((request, response) => handle(request, response));
  const issuer = `http://127.0.0.1:${port}`;
  const oidc = new Provider(issuer, {
    clients: [{ client_id: "dinie", client_secret: "um segredo: longo", redirect_uris: [redirect] }],
    scopes: ["openid", "profile", "email", "groups"],
    claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"], groups: ["groups"] },
    pkce: { required: () => true },
    findAccount: (_, id) => accounts[id] && { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) },
    cookies: { keys: ["a key of this test"] },
  });
  handle = oidc.callback();
  return [server, issuer];
}

/** A sandbox whose people sign in at the provider. */
async function sandbox(port, issuer) {
  writeFileSync(join(folder, "dinie.toml"), `
public_url = "http://localhost:${port}"
[sso]
issuer = "${issuer}"
client_id = "dinie"
name = "Lua"
scopes = ["profile", "email", "groups"]
[[sso.groups]]
group = "mesa"
roles = ["credit"]
[[sso.groups]]
group = "auditoria"
roles = ["auditor", "admin"]
`);
  const args = ["serve", "--listen", `127.0.0.1:${port}`, "--data", join(folder, "data")];
  const env = { ...process.env, DINIE_SSO_CLIENT_SECRET: "um segredo: longo" };
  const server = spawn(binary, args, { cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] });
  await new Promise((done, failed) => {
    let said = "";
    server.on("exit", () => failed(new Error(said)));
    server.stderr.on("data", (chunk) => /the server listens/.test((said += chunk)) && done());
  });
  return server;
}

/** Types an account's name at the provider, and agrees to what it asks. */
async function asAccount(page, origin, account) {
  await page.locator("[name=login]").fill(account);
  await page.locator("[name=password]").fill("x");
  await page.locator("[name=password]").press("Enter");
  const asks = page.getByRole("button", { name: "Continue" });
  await Promise.race([asks.waitFor(), page.waitForURL(`${origin}/**`)]);
  if (await asks.isVisible()) await asks.press("Enter");
  await page.waitForURL(`${origin}/**`);
}

async function signIn(browser, origin, account) {
  const context = await browser.newContext({ locale: "pt-BR" });
  const page = await context.newPage();
  await page.goto(`${origin}/console/people/program`);
  await page.getByRole("link", { name: "Entrar com Lua" }).press("Enter");
  await page.waitForURL(/interaction/);
  await asAccount(page, origin, account);
  return page;
}

const title = (page) => page.locator("h1").first().textContent();

async function story(browser, origin) {
  const first = await signIn(browser, origin, "helena");
  check(/Sem permissão/.test(await title(first)), "the first sign-in makes a person, whose role makes no programs");
  await first.goto(`${origin}/me`);
  check(/Helena Couto, credit/.test(await first.locator("main").textContent()), "the group gives the role");
  await first.screenshot({ path: join(artifacts, "sso-1-account.png"), fullPage: true });

  accounts.helena.groups = ["auditoria"];
  const second = await signIn(browser, origin, "helena");
  check(new URL(second.url()).pathname === "/console/people/program", "a new group gives a new role, and the sign-in leads back");
  await first.goto(`${origin}/me`);
  check(/auditor/.test(await first.locator("main").textContent()), "also in the session from before");

  await second.goto(`${origin}/sign-in/proof?to=%2Fconsole%2Fpeople`);
  await second.screenshot({ path: join(artifacts, "sso-2-proof.png"), fullPage: true });
  await second.getByRole("link", { name: "acesso da empresa" }).press("Enter");
  await second.waitForURL(/interaction/);
  await asAccount(second, origin, "helena");
  await second.waitForURL(`${origin}/console/people`);
  check(/Helena Couto/.test(await second.locator("main").textContent()), "a fresh proof is given at the provider");

  const rui = await signIn(browser, origin, "rui");
  check(/E-mail não confirmado/.test(await title(rui)), "an account without a verified address makes no person");
  const nina = await signIn(browser, origin, "nina");
  check(/Sem papel/.test(await title(nina)), "an account without a group makes no person");
  await nina.screenshot({ path: join(artifacts, "sso-3-no-role.png"), fullPage: true });

  accounts.helena.groups = [];
  await signIn(browser, origin, "helena");
  await first.goto(`${origin}/console`);
  check(/sign-in/.test(first.url()), "without groups every session of the person ends");
}

const port = await freePort();
const [server, issuer] = await provider(`http://localhost:${port}/sign-in/sso/return`);
const dinie = await sandbox(port, issuer);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
try {
  await story(browser, `http://localhost:${port}`);
} finally {
  await browser.close();
  const ended = new Promise((done) => dinie.once("exit", done));
  dinie.kill();
  await ended;
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log("people sign in by the provider");
