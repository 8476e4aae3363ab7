// Drives the pages in headless Chromium as a person on a phone would. A hosted session runs from its link to its
// submission, with the camera, a reload and invalid links. A loan is signed with a code from the mailbox. The QR image of
// its payment page is read as a camera would. The design system's page, the portal's and the console's pages
// are opened in each theme, language and width. Two people work through a day.
// Screenshots go to test-artifacts/.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import jsQR from "jsqr";
import { chromium, devices } from "playwright-core";
import { operators } from "./console.mjs";
import { day } from "./day.mjs";
import { kit } from "./kit.mjs";
import { portal } from "./portal.mjs";

const binary = resolve(process.argv[2]);
const folder = mkdtempSync(join(tmpdir(), "dinie-pages-"));
const artifacts = resolve("test-artifacts");
mkdirSync(artifacts, { recursive: true });
const servers = [];

/** Reads a stream until its text matches. Then continues to read, so that the pipe never fills. */
function until(stream, pattern, what) {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => reject(new Error(`${what} did not come: ${text}`)), 60_000);
    stream.on("data", (chunk) => {
      text += chunk;
      const found = pattern.exec(text);
      if (found) {
        clearTimeout(timer);
        resolve(found);
      }
    });
  });
}

/** Ends a server and waits until its last write is done, so that its folder can be removed. */
function stopped(server) {
  if (server.exitCode !== null || server.signalCode !== null) return undefined;
  const exit = new Promise((resolve) => server.once("exit", resolve));
  server.kill();
  return exit;
}

function check(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
  console.log(`  ✓ ${what}`);
}

/** A separate sandbox and its partner, who uses both generations. */
class Partner {
  static async start(name, settings) {
    const home = join(folder, name);
    mkdirSync(home);
    writeFileSync(join(home, "dinie.toml"), settings);
    const args = ["serve", "--listen", "127.0.0.1:0", "--data", join(home, "data")];
    const server = spawn(binary, args, { cwd: home, stdio: ["ignore", "pipe", "pipe"] });
    servers.push(server);
    const [[, id, secret], [, link], [, address]] = await Promise.all([
      until(server.stdout, /client_id\s+(\S+)\s+client_secret\s+(\S+)/, "the credential"),
      until(server.stdout, /(\/sign-in\/link\/\S+)\s/, "the console's link"),
      until(server.stderr, /"address":"([^"]+)"/, "the address"),
    ]);
    const partner = new Partner();
    partner.origin = `http://${address}`;
    partner.link = link;
    partner.home = home;
    const token = await partner.post("/api/v3/auth/token", {
      grant_type: "client_credentials", client_id: id, client_secret: secret,
    }, 200);
    partner.headers = { authorization: `Bearer ${token.access_token}` };
    return partner;
  }
  headers = {};
  /** The link with which an invited person enters the console. */
  invite = (email, name, roles) => {
    const person = ["--data", join(this.home, "data"), "--email", email, "--name", name];
    const args = ["operator", "invite", ...person, ...roles.flatMap((role) => ["--role", role])];
    return /https?:\S+/.exec(execFileSync(binary, args, { cwd: this.home, encoding: "utf8" }))[0];
  };
  async call(method, path, body, expected, headers = {}) {
    const answer = await fetch(this.origin + path, { method, body, headers: { ...headers, ...this.headers } });
    const text = await answer.text();
    if (answer.status !== expected) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }
  get = (path, expected = 200) => this.call("GET", path, undefined, expected);
  post = (path, body, expected = 201) =>
    this.call("POST", path, JSON.stringify(body), expected, { "content-type": "application/json" });
  async until(path, found) {
    for (let attempt = 0; attempt < 1200; attempt++) {
      const value = found(await this.get(path));
      if (value) return value;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${path} did not reach the expected state`);
  }
  async upload(customer, type, content) {
    const form = new FormData();
    form.set("type", type);
    form.set("file", new Blob([content]), "upload");
    await this.call("POST", `/v3/customers/${customer}/documents`, form, 201);
  }
  register = (cpf, email) => this.post("/api/v3/customers", {
    cpf, email, cnpj: "12.345.678/0001-95", name: "Ana Souza", phone: "+5511999999999",
  });
  session = (customer) => this.post(`/api/v3/customers/${customer.id}/biometrics`, {}, 200);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
  ],
});
const complaints = [];

/** A person's phone: a separate browser context. */
async function phone(origin) {
  const context = await browser.newContext({ ...devices["Pixel 7"], locale: "pt-BR" });
  const page = await context.newPage();
  page.on("request", (request) => {
    if (!/^(about|blob|data):/.test(request.url()) && new URL(request.url()).origin !== origin) {
      complaints.push(`a request went to ${request.url()}`);
    }
  });
  page.on("console", (message) => {
    // The browser logs a refused upload, which is a 422. It must log no violation of the content security policy.
    if (message.type() === "error" && !message.text().includes("status of 4")) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return page;
}

const text = async (page) => (await page.locator("body").innerText()).replaceAll("\u00a0", " ");
const picture = (page, name) => page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true });
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
const step = (page, title) => page.locator("section.step").filter({ has: page.locator("h2", { hasText: title }) });

/** Presses a button whose form loads the page again. */
async function press(page, button) {
  await Promise.all([page.waitForEvent("load"), button.click()]);
}

async function hostedSession(partner) {
  const customer = await partner.register("123.456.789-09", "ana@example.com");
  const session = await partner.session(customer);
  const page = await phone(partner.origin);
  await page.goto(session.session_url);
  check((await text(page)).includes("Complete seu cadastro"), "the link opens the page in Portuguese");
  check(await fits(page), "the page fits a phone's screen");
  await picture(page, "session-1-begin");
  await press(page, page.getByRole("button", { name: "Começar" }));
  check(!page.url().includes("code="), "the code is removed from the address");
  const kept = (await page.context().cookies()).find((cookie) => cookie.name === "__Host-dinie_session");
  check(kept?.secure && kept.httpOnly && kept.path === "/", "the browser keeps the __Host- cookie, also on loopback");
  await picture(page, "session-2-steps");
  check(await fits(page), "the steps fit a phone's screen");

  const other = await phone(partner.origin);
  await other.goto(session.session_url);
  check((await text(other)).includes("Link já utilizado"), "for another phone the link is already used");
  await picture(other, "session-link-used");

  const identity = step(page, "Documento de identidade");
  const file = (name, content) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(content) });
  const input = () => identity.locator("input[type=file]").first();
  const send = () => identity.getByRole("button", { name: /Enviar|Substituir/ }).first();
  await input().setInputFiles(file("nota.txt", "not a document"));
  await send().click();
  await page.locator("#wrong").getByText("JPEG ou PNG").waitFor();
  check(true, "a file that is not a document is refused with a message beside its field");
  await input().setInputFiles({ ...file("grande.pdf", ""), buffer: Buffer.alloc(10 * 1024 * 1024 + 1, 37) });
  await send().click();
  await page.locator("#wrong").getByText("10 MB").waitFor();
  check(true, "a file over 10 MB is refused before it is sent");
  await page.context().setOffline(true);
  await input().setInputFiles(file("cnh.pdf", "%PDF-1.7 a document"));
  await send().click();
  await page.locator("#wrong").getByText("Sem conexão").waitFor();
  check(true, "a lost connection is reported, and no input is lost");
  await picture(page, "session-3-wrong");
  await page.context().setOffline(false);
  complaints.length = 0;
  // The upload is slowed down so that its progress can be seen.
  const devtools = await page.context().newCDPSession(page);
  const slow = (bytes) => devtools.send("Network.emulateNetworkConditions", {
    offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytes,
  });
  await slow(1_000_000);
  await input().setInputFiles({ ...file("cnh.pdf", ""), buffer: Buffer.concat([Buffer.from("%PDF-1.7"), Buffer.alloc(2_000_000)]) });
  await send().click();
  await page.waitForFunction(() => [...document.querySelectorAll("progress")].some((bar) => !bar.hidden && bar.value > 0));
  check(true, "the progress of an upload is shown");
  await picture(page, "session-4-progress");
  await page.getByText("1 de 3 itens").waitFor();
  await slow(-1);
  check(true, "a document is accepted, and the page shows it without a reload");

  await page.reload();
  check((await text(page)).includes("1 de 3 itens"), "a reload continues at the same step");
  await page.goto(session.session_url);
  check((await text(page)).includes("1 de 3 itens"), "the link in the same browser also continues there");

  const selfie = step(page, "Selfie");
  await selfie.getByRole("button", { name: "câmera" }).click();
  await page.waitForFunction(() => document.querySelector("#camera video").videoWidth > 0);
  await picture(page, "session-5-camera");
  await page.getByRole("button", { name: "Tirar foto" }).click();
  await selfie.getByText("Recebido").first().waitFor();
  check(true, "a selfie is taken with the camera");
  await step(page, "CCMEI").locator("input[type=file]").setInputFiles(file("ccmei.pdf", "%PDF-1.7 a document"));
  await step(page, "CCMEI").getByRole("button", { name: "Enviar" }).click();
  await page.getByText("3 de 3 itens").waitFor();
  check(true, "all items are submitted");

  // The bank account by keyboard alone.
  await page.locator("#bank").focus();
  await page.keyboard.type("001");
  for (const keys of ["Conta c", "1234", "567890", "1"]) {
    await page.keyboard.press("Tab");
    await page.keyboard.type(keys);
  }
  await page.keyboard.press("Tab");
  check((await page.evaluate(() => document.activeElement.innerText)).includes("Salvar"), "the form can be filled in by keyboard");
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  check((await text(page)).includes("1234 / 567890-1"), "the bank account is accepted");
  const account = await partner.get(`/api/v3/customers/${customer.id}/bank-account`);
  check(account.bank_id === "001" && account.kind === "checking", "and the API shows it");
  await picture(page, "session-6-whole");
  await press(page, page.getByRole("button", { name: "Enviar para análise" }));
  check((await text(page)).includes("Recebemos o que foi enviado"), "one button submits everything");
  await picture(page, "session-7-submitted");
  await partner.until(`/api/v3/customers/${customer.id}`, (now) => now.status === "active");
  check(true, "the customer becomes active");
}

async function expiredLink(partner) {
  const customer = await partner.register("529.982.247-25", "bia+manual@example.com");
  const session = await partner.session(customer);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const page = await phone(partner.origin);
  await page.goto(session.session_url);
  check((await text(page)).includes("Link expirado"), "the page of an expired link reports the expiry");
  await picture(page, "session-expired");
}

async function signature(partner) {
  const customer = await partner.register("529.982.247-25", "ana+never_signs@example.com");
  for (const type of ["cnh", "selfie", "ccmei"]) await partner.upload(customer.id, type, "%PDF-1.7");
  const offer = await partner.until(`/v3/customers/${customer.id}/credit-offers`, (list) => list.data[0]);
  const simulation = await partner.post(`/v3/credit-offers/${offer.id}/simulations`, {
    requested_amount: "10000.00", installment_count: 12,
  });
  const loan = await partner.post("/v3/loans", {
    credit_offer_id: offer.id, simulation_id: simulation.id, installments: 12,
    installments_value: simulation.installments_value, first_due_date: simulation.first_due_date,
  });
  const page = await phone(partner.origin);
  await page.goto(loan.signing_url);
  const shown = await text(page);
  const amount = Number(loan.total_amount).toLocaleString("pt-BR", { minimumFractionDigits: 2 });
  check(shown.includes("R$ 10.000,00") && shown.includes(`R$ ${amount}`), "the loan's figures are shown");
  check((await page.locator("tbody tr").count()) === 12, "the loan's twelve installments are shown");
  check(shown.includes("Promessa de pagamento"), "the page shows the whole contract");
  check(await fits(page), "the page fits a phone's screen");
  await picture(page, "sign");
  const pdf = await page.request.get(`${loan.signing_url}/contract.pdf`);
  check((await pdf.body()).subarray(0, 5).toString() === "%PDF-", "the contract can be downloaded");
  await press(page, page.getByRole("button", { name: "Enviar código" }));
  check((await text(page)).includes("Código enviado"), "a code is sent");
  const code = await codeInMailbox(page);
  const wrong = code === "000000" ? "000001" : "000000";
  await sign(page, wrong);
  check((await text(page)).includes("Código incorreto. Tentativas restantes: 4"), "a wrong code is reported");
  await picture(page, "sign-wrong-code");
  await sign(page, code);
  check((await text(page)).includes("Contrato assinado"), "the right code signs");
  check(await fits(page), "the page of the signed copy fits a phone's screen");
  await picture(page, "sign-done");
  const copy = await page.request.get(`${loan.signing_url}/contract.pdf`);
  check((await copy.body()).length > (await pdf.body()).length, "the signed copy has its page of signatures");
  await partner.until(`/v3/loans/${loan.id}`, (now) => now.status === "active");
  check(true, "the loan becomes active");
  return [page, customer];
}

/** Another account after the signature: the borrower confirms it with the code of an e-mail. */
async function anotherAccount(partner, page, customer) {
  const path = `/api/v3/customers/${customer.id}/bank-account`;
  const account = { bank_id: "001", branch: "1234", number: "567890", digit: "1", kind: "checking" };
  const asked = await partner.post(path, { bank_account: account }, 202);
  check(asked.confirmation === "pending", "another account waits for the borrower");
  await partner.get(path, 404);
  const letters = await partner.get("/sandbox/mails");
  const letter = letters.data.find((letter) => letter.subject.startsWith("Seu código para trocar de conta"));
  await page.goto(letter.text.split("\n").find((line) => line.startsWith("http")));
  const shown = await text(page);
  check(shown.includes("chave Pix do CNPJ") && shown.includes("conta corrente 567890-1"), "both destinations are shown");
  check(await fits(page), "the page fits a phone's screen");
  await picture(page, "account-change");
  await page.locator("[name=code]").fill(letter.subject.slice(-6));
  await press(page, page.getByRole("button", { name: "Confirmar a troca" }));
  check((await text(page)).includes("Conta trocada"), "the code confirms the change");
  check((await partner.get(path)).number === "567890", "and the API shows it");
  await picture(page, "account-changed");
}

/** Gives consent by keyboard, types a code and signs. */
async function sign(page, code) {
  await page.locator("[name=code]").fill(code);
  await page.locator("[name=consent]").focus();
  await page.keyboard.press("Space");
  check(await page.locator("[name=consent]").isChecked(), "the consent is given by keyboard");
  await press(page, page.getByRole("button", { name: "Assinar" }));
}

/** Follows the sandbox's link to the mailbox and reads the code there. */
async function codeInMailbox(page) {
  const [mailbox] = await Promise.all([
    page.context().waitForEvent("page"),
    page.getByRole("link", { name: "abra a caixa de entrada" }).click(),
  ]);
  await mailbox.waitForLoadState();
  const code = /Seu código para assinar: (\d{6})/.exec(await text(mailbox));
  check(code, "the code is in the mailbox");
  check(await fits(mailbox), "the mailbox fits a phone's screen");
  await picture(mailbox, "mailbox");
  await mailbox.close();
  return code[1];
}

async function payment(partner, page) {
  const letters = await partner.get("/sandbox/mails");
  const letter = letters.data.find((letter) => letter.subject.startsWith("Seu dinheiro chegou"));
  const link = letter.text.split("\n").find((line) => line.startsWith("http"));
  await page.goto(link);
  check((await page.locator("tbody tr").count()) === 12, "the payment page shows every installment");
  check((await scanned(page)) === (await page.locator("textarea").inputValue()), "the image contains the code beside it");
  check(await fits(page), "the page fits a phone's screen");
  await picture(page, "pay");
  const code = await page.locator("textarea").inputValue();
  await partner.post("/sandbox/clock/advance", { days: 45 }, 200);
  await page.reload();
  check((await text(page)).includes("Em atraso há"), "a late installment is shown as late");
  check((await page.locator("textarea").inputValue()) !== code, "a late installment has another code");
  check((await scanned(page)) === (await page.locator("textarea").inputValue()), "its image contains that code");
  await picture(page, "pay-late");
  await press(page, page.getByRole("button", { name: "Simular o pagamento" }));
  check((await text(page)).includes("Pagamento recebido"), "the payment is received");
  check((await page.locator("td.good").count()) === 1, "one installment is paid");
  await picture(page, "pay-done");
}

/** The text that a phone's camera reads in the image of the code. */
async function scanned(page) {
  const image = await page.evaluate(async () => {
    const shown = document.querySelector("img.qr");
    await shown.decode();
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 480;
    const context = canvas.getContext("2d");
    context.drawImage(shown, 0, 0, 480, 480);
    return [...context.getImageData(0, 0, 480, 480).data];
  });
  return jsQR(Uint8ClampedArray.from(image), 480, 480)?.data;
}

try {
  const partner = await Partner.start("sandbox", "");
  console.log("a hosted session");
  await hostedSession(partner);
  console.log("an expired link");
  await expiredLink(await Partner.start("hurried", "[lifetimes]\nbiometrics_link_s = 1\n"));
  console.log("a signature");
  const [page, customer] = await signature(partner);
  console.log("another account");
  await anotherAccount(partner, page, customer);
  console.log("a payment");
  await payment(partner, page);
  console.log("the kit");
  const place = { browser, origin: partner.origin, artifacts, check };
  await kit(place);
  console.log("the portal");
  await portal(place, partner.headers.authorization.replace("Bearer ", ""));
  console.log("the console");
  const referred = await partner.register("111.444.777-35", "carla+credit_referred@example.com");
  await operators(place, partner.link, { customer, referred });
  console.log("a day at the console");
  const working = await Partner.start("working", "");
  await day({ ...place, origin: working.origin }, working);
  check(complaints.length === 0, `no request went to another origin and no policy was violated${complaints.join("; ")}`);
} finally {
  await browser.close();
  await Promise.all(servers.map(stopped));
  rmSync(folder, { recursive: true, force: true });
}
console.log("the pages work");
