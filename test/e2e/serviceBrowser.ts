import * as assert from "node:assert/strict";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { clusterSettings, PageServed } from "../service/page/pageCluster";
import { startChromium } from "./chromium";

/** All that the page has a button for. */
const ALL = "*:read,preview,up,refresh,approve,cancel,outputs";

/** Other settings than the cluster of `PageServed` is made of. */
export const CHANGED = clusterSettings({ "groundwork:dns": { upstream: ["10.40.0.2"] } });

/** A Chromium before a service, for the tests of a suite; a service of its own for each. */
export class ServiceBrowser {
  /** What the browser complained of, or asked of others. */
  unexpected: string[] = [];
  #browser: Browser | undefined;
  #served: PageServed | undefined;

  /** Has mocha begin and end it all, and skip the suite with the reason where there is no Chromium. */
  static forSuite(): ServiceBrowser {
    const the = new ServiceBrowser();
    before(async function () {
      the.#browser = await startChromium(this);
    });
    after(() => the.#browser?.close());
    beforeEach(async () => {
      the.unexpected = [];
      the.#served = new PageServed("prod", "staging");
      await the.#served.start();
    });
    afterEach(async () => {
      for (const context of the.#browser?.contexts() ?? []) await context.close();
      await the.#served?.remove();
      assert.deepEqual(the.unexpected, [], "what the browser complained of, or asked of others");
    });
    return the;
  }

  get served(): PageServed {
    return this.#served ?? assert.fail("there is no service");
  }

  async opened(address: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = (await this.#browser?.newContext(options)) ?? assert.fail("there is no browser");
    const page = await context.newPage();
    page.on("console", (message) => this.unexpected.push(message.text()));
    page.on("pageerror", (error) => this.unexpected.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(this.served.address)) this.unexpected.push(request.url());
    });
    await page.goto(`${this.served.address}${address}`);
    return page;
  }

  /** A page of somebody who is signed in, with the token. */
  async signedIn(
    address: string,
    options: BrowserContextOptions = {},
  ): Promise<{ readonly page: Page; readonly token: string }> {
    const token = await this.token();
    const page = await this.opened(address, options);
    await page.getByLabel("Token").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Sign out").waitFor();
    return { page, token };
  }

  token(): Promise<string> {
    return this.served.token(ALL);
  }

  /** Makes the cluster. */
  async up(): Promise<void> {
    const { state, error } = (await this.served.all(await this.served.begin("prod", "up"))).at(-1)?.data;
    assert.deepEqual([state, error], ["succeeded", undefined]);
  }
}

/** Waits until an operation's page says how it stands. */
export function state(page: Page, words: string): Promise<void> {
  return page.locator("#state", { hasText: words }).waitFor();
}

/** The machines of a roll-out with what is said of each. */
export function machines(page: Page): Promise<string[]> {
  return page.locator("#timeline h3").allInnerTexts();
}
