// A person at the console, who uses no mouse. Only the link of an invitation is opened as an address; every other page is
// reached by keys.
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const PASSWORD = "um cavalo lê jornal na ponte";

/** The present code of an authenticator. */
function authenticatorCode(secret, now = Date.now()) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const moment = Buffer.alloc(8);
  moment.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const digest = createHmac("sha1", key).update(moment).digest();
  const place = digest[19] & 15;
  return String((digest.readUInt32BE(place) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Waits until the browser has shown the page as it is now. */
export async function pictured(page) {
  await page.evaluate(() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen))));
}

export class Person {
  static async of({ browser, origin, artifacts, check }, name) {
    const person = new Person();
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    Object.assign(person, { name, origin, artifacts, check, page: await context.newPage() });
    return person;
  }
  text = async () => (await this.page.locator("body").innerText()).replaceAll("\u00a0", " ");
  picture = (name) => this.page.screenshot({ path: join(this.artifacts, `day-${name}.png`), fullPage: true });
  /** Presses a key that opens another page, and waits until that page can be seen. */
  async follow(key) {
    const { page } = this;
    const requests = [];
    const asked = (request) => requests.push(request);
    page.on("request", asked);
    try {
      // The scripts of the keys run before this event. Frames with documents may load longer.
      const opened = page.waitForEvent("domcontentloaded");
      await page.keyboard.press(key);
      // The browser drops a key that comes before the page's first picture. A person would press it again.
      const patience = new Promise((resolve) => setTimeout(resolve, 10_000, "nothing"));
      if ((await Promise.race([opened, patience])) === "nothing" && requests.length === 0) {
        await this.explain(key, requests);
        await page.keyboard.press(key);
      }
      await opened;
      await pictured(page);
    } catch (error) {
      await this.explain(key, requests);
      throw error;
    } finally {
      page.off("request", asked);
    }
  }
  /** Says what the page shows and asked for when a key opened no other page. */
  async explain(key, requests) {
    console.error(`the key ${key} opened no page on ${this.page.url()}`);
    for (const request of requests) {
      const answer = request.failure()?.errorText ?? (await Promise.race([request.response(), null]))?.status() ?? "no answer";
      console.error(`  ${request.method()} ${request.url()} ${answer}`);
    }
    const facts = () => [document.readyState, document.hasFocus(), document.activeElement?.outerHTML.slice(0, 200)].join(" ");
    console.error(`  ${await Promise.race([this.page.evaluate(facts), new Promise((done) => setTimeout(done, 5000, "no facts"))])}`);
    await this.picture("stuck");
  }
  async keys(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }
  /** Moves the focus by Tab to an element. */
  async tabTo(selector) {
    for (let presses = 0; presses < 150; presses++) {
      if (await this.page.evaluate((selector) => document.activeElement?.matches(selector), selector)) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not reach ${selector} on ${this.page.url()}`);
  }
  /** Replaces the text of a field. Tab selects the text of the field that it reaches. */
  async write(field, text) {
    await this.tabTo(field);
    await this.keys("Control+a");
    await this.page.keyboard.type(text);
  }
  /** Opens a page of the navigation. */
  async menu(path) {
    await this.tabTo(`.side-nav a[href="${path}"]`);
    await this.follow("Enter");
  }
  /** Opens the page of a resource from the search. */
  async find(id) {
    await this.keys("/");
    await this.page.keyboard.type(id);
    const hit = `#achados a[href*="${id}"]`;
    await this.page.locator(hit).waitFor();
    await this.tabTo(hit);
    await this.follow("Enter");
  }
  /** Answers a question. It begins at its safe answer. */
  async answer(form = "main form.dialog") {
    await this.tabTo(`${form} [type=submit]`);
    await this.follow("Enter");
  }
  /** Downloads the page's CSV file. Returns its lines as objects. */
  async exported() {
    await this.tabTo('main a[href*="/export"]');
    const [file] = await Promise.all([this.page.waitForEvent("download"), this.page.keyboard.press("Enter")]);
    const [head, ...lines] = (await readFile(await file.path(), "utf8")).trim().split(/\r?\n/);
    const columns = head.split(",");
    return lines.map((line) => Object.fromEntries(line.split(",").map((value, place) => [columns[place], value])));
  }
}

/** An invited person chooses a password and sets an authenticator up. */
export async function invited(place, name, link) {
  const person = await Person.of(place, name);
  const { page, check } = person;
  await page.goto(place.origin + new URL(link).pathname);
  await person.tabTo("main button");
  await person.follow("Enter");
  await page.keyboard.type(PASSWORD);
  await person.follow("Enter");
  const secret = await page.locator("[name=secret]").getAttribute("value");
  await person.tabTo("[name=code]");
  await page.keyboard.type(authenticatorCode(secret));
  await person.follow("Enter");
  check((await page.locator(".codes li").count()) > 5, `${name} chooses a password and sets an authenticator up`);
  await person.tabTo("main a.btn");
  await person.follow("Enter");
  return person;
}
