// Drives the hosted pages in headless Chromium, over its DevTools pipe and without any package: a selfie is taken
// and a loan is signed as a person on a phone would. Screenshots go to test-artifacts/.
import { spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const binary = resolve(process.argv[2]);
const folder = mkdtempSync(join(tmpdir(), "dinie-pages-"));
const artifacts = "test-artifacts";
mkdirSync(artifacts, { recursive: true });
const children = [];

function start(command, args, options) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  children.push(child);
  return child;
}

/** Reads a child's output until a line matches; reads on afterwards so that the pipe never fills. */
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

function check(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
  console.log(`  ✓ ${what}`);
}

// --- the server and its API

const server = start(binary, ["serve", "--listen", "127.0.0.1:0", "--data", folder], { cwd: folder });
const announced = Promise.all([
  until(server.stdout, /client_id\s+(\S+)\s+client_secret\s+(\S+)/, "the credential"),
  until(server.stderr, /"address":"([^"]+)"/, "the address"),
]);
const [[, clientId, clientSecret], [, address]] = await announced;
const base = `http://${address}/v3`;

async function call(method, path, body, expected, headers = {}) {
  const answer = await fetch(base + path, { method, body, headers: { ...headers, ...authorization } });
  const text = await answer.text();
  if (answer.status !== expected) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}
const post = (path, body, expected) =>
  call("POST", path, JSON.stringify(body), expected, { "content-type": "application/json" });

let authorization = { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` };
const token = await call("POST", "/auth/token", "grant_type=client_credentials", 200, {
  "content-type": "application/x-www-form-urlencoded",
});
authorization = { authorization: `Bearer ${token.access_token}` };

async function waitFor(path, found) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const value = found(await call("GET", path, undefined, 200));
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${path} did not become what was waited for`);
}

async function upload(customer, type, content) {
  const form = new FormData();
  form.set("type", type);
  form.set("file", new Blob([content]), "upload");
  await call("POST", `/customers/${customer}/documents`, form, 201);
}

// --- the browser

const browser = start(process.env.CHROMIUM, [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--remote-debugging-pipe", `--user-data-dir=${join(folder, "chromium")}`, "about:blank",
], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });

class Page {
  #next = 1; #waiting = new Map(); #events = []; #session;
  static async open() {
    const page = new Page();
    let rest = "";
    browser.stdio[4].on("data", (chunk) => {
      const messages = (rest + chunk).split("\0");
      rest = messages.pop();
      for (const message of messages) page.#receive(JSON.parse(message));
    });
    const { targetInfos } = await page.send("Target.getTargets");
    const { targetId } = targetInfos.find((target) => target.type === "page");
    page.#session = (await page.send("Target.attachToTarget", { targetId, flatten: true })).sessionId;
    for (const domain of ["Page", "Runtime", "DOM", "Log", "Network"]) await page.send(`${domain}.enable`);
    await page.send("Emulation.setDeviceMetricsOverride", { width: 390, height: 844, deviceScaleFactor: 2, mobile: true });
    return page;
  }
  #receive(message) {
    if (message.id) {
      const { resolve, reject } = this.#waiting.get(message.id);
      message.error ? reject(new Error(JSON.stringify(message.error))) : resolve(message.result);
    } else this.#events.push(message);
  }
  send(method, params = {}) {
    const id = this.#next++;
    browser.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId: this.#session })}\0`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }
  get events() { return this.#events; }
  async loaded(action) {
    this.#events = this.#events.filter((event) => event.method !== "Page.loadEventFired");
    await action();
    for (let attempt = 0; attempt < 200; attempt++) {
      if (this.#events.some((event) => event.method === "Page.loadEventFired")) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("the page did not load");
  }
  goto(url) { return this.loaded(() => this.send("Page.navigate", { url })); }
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }
  text() { return this.evaluate("document.body.innerText.replaceAll(String.fromCharCode(160), ' ')"); }
  async choose(selector, file) {
    const { root } = await this.send("DOM.getDocument");
    const { nodeId } = await this.send("DOM.querySelector", { nodeId: root.nodeId, selector });
    await this.send("DOM.setFileInputFiles", { files: [file], nodeId });
  }
  press(selector) { return this.loaded(() => this.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`)); }
  async picture(name) {
    const { data } = await this.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
    writeFileSync(join(artifacts, `${name}.png`), Buffer.from(data, "base64"));
  }
}

try {
  const page = await Page.open();
  const person = { cnpj: "12.345.678/0001-95", name: "Ana Souza", phone: "+5511999999999" };
  const photo = join(folder, "selfie.jpg");
  writeFileSync(photo, Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70, 0, 0xff, 0xd9]));
  const text = join(folder, "text.txt");
  writeFileSync(text, "not a photograph");

  console.log("selfie");
  const first = await post("/customers", { ...person, cpf: "123.456.789-09", email: "ana@example.com" }, 201);
  const session = await call("POST", `/customers/${first.id}/biometrics`, undefined, 200);
  await page.goto(session.session_url);
  check((await page.text()).includes("Envie sua selfie"), "the link opens the page in Portuguese");
  check(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it fits a phone's screen");
  check(await page.evaluate("document.scripts.length === 0"), "it has no script");
  await page.picture("selfie");
  await page.choose("#file", text);
  await page.press("button");
  check((await page.text()).includes("JPEG ou PNG"), "a file that is no photo is refused in words");
  await page.choose("#file", photo);
  await page.press("button");
  check((await page.text()).includes("Selfie recebida"), "a photo is taken");
  await page.picture("selfie-done");
  await page.goto(session.session_url);
  check((await page.text()).includes("já foi recebida"), "the link says that it has been used");
  const kyc = (await call("GET", `/customers/${first.id}`, undefined, 200)).kyc;
  check(kyc.some((item) => item.type === "biometrics" && item.status === "submitted"), "the API shows it submitted");

  console.log("signature");
  const second = await post("/customers", { ...person, cpf: "529.982.247-25", email: "ana+never_signs@example.com" }, 201);
  for (const type of ["cnh", "selfie", "ccmei"]) await upload(second.id, type, "%PDF-1.7");
  const offer = await waitFor(`/customers/${second.id}/credit-offers`, (list) => list.data[0]);
  const simulation = await post(`/credit-offers/${offer.id}/simulations`, { requested_amount: "10000.00", installment_count: 12 }, 201);
  const loan = await post("/loans", {
    credit_offer_id: offer.id, simulation_id: simulation.id, installments: 12,
    installments_value: simulation.installments_value, first_due_date: simulation.first_due_date,
  }, 201);
  await page.goto(loan.signing_url);
  const shown = await page.text();
  const amount = Number(loan.total_amount).toLocaleString("pt-BR", { minimumFractionDigits: 2 });
  check(shown.includes("R$ 10.000,00") && shown.includes(`R$ ${amount}`), "the loan's figures are shown");
  check((await page.evaluate("document.querySelectorAll('tbody tr').length")) === 12, "and its twelve installments");
  check(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it fits a phone's screen");
  await page.picture("sign");
  await page.evaluate("document.querySelector('[name=consent]').focus()");
  check(await page.evaluate("document.activeElement.name === 'consent'"), "the consent is reached by keyboard");
  await page.send("Input.dispatchKeyEvent", { type: "keyDown", key: " ", code: "Space", text: " " });
  await page.send("Input.dispatchKeyEvent", { type: "keyUp", key: " ", code: "Space" });
  check(await page.evaluate("document.querySelector('[name=consent]').checked"), "and given by it");
  await page.press("button");
  check((await page.text()).includes("Contrato assinado"), "one button signs");
  await page.picture("sign-done");
  await waitFor(`/loans/${loan.id}`, (now) => now.status === "active");
  check(true, "the loan becomes active");

  const outside = page.events
    .filter((event) => event.method === "Network.requestWillBeSent")
    .map((event) => event.params.request.url)
    .filter((url) => !url.startsWith(`http://${address}/`) && !url.startsWith("about:"));
  check(outside.length === 0, "no request went anywhere else");
  const complaints = page.events.filter((event) => event.method === "Log.entryAdded" && event.params.entry.source === "security");
  check(complaints.length === 0, "the content security policy had nothing to refuse");
} finally {
  for (const child of children) child.kill();
  await new Promise((resolve) => setTimeout(resolve, 500));
  rmSync(folder, { recursive: true, force: true });
}
console.log("the pages work");
process.exit(0);
