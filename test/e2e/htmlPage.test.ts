import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { comparePlans } from "../../plan/compare/compare";
import type { Plan } from "../../plan/model";
import { renderDifferencePage } from "../../plan/render/html/differencePage";
import { renderPlanPage } from "../../plan/render/html/planPage";
import { edited, planOf, stackText, STACKS } from "../plan/stacks";
import { startChromium } from "./chromium";

const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Where pictures of the pages are put for a person to look at; none are made without it. */
const PICTURES = process.env["GROUNDWORK_PICTURES"] ?? "";

/** Markup that would be seen if it were one: it says so in the page's own window. */
const HOSTILE = `"><img src=x onerror="window.hostile=1"></text></svg><script>window.hostile=1</script>`;

describe("the page in a Chromium", function () {
  this.timeout(120_000);
  const pages = new Map<string, string>();
  let browser: Browser;
  let directory: string;
  let unexpected: string[] = [];

  before(async function () {
    browser = await startChromium(this);
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "groundwork-pages-"));
    for (const stack of STACKS) pages.set(stack, renderPlanPage(await planOf(stackText(stack), stack)));
    const prod = await planOf(stackText("prod"), "prod");
    const other = await changedProd();
    pages.set("difference", renderDifferencePage(comparePlans(prod, other, "main"), other));
    pages.set("hostile", renderPlanPage(hostile(prod)));
  });
  after(async () => {
    if (browser !== undefined) await browser.close();
    if (directory !== undefined) fs.rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    unexpected = [];
  });
  afterEach(() => assert.deepEqual(unexpected, [], "what the browser asked for, or complained of"));

  /** A page in a window of its own; whatever it asks the network for, or writes to the console, is an error. */
  async function opened(name: string, options: BrowserContextOptions = {}): Promise<Page> {
    const file = path.join(directory, `${name}.html`);
    fs.writeFileSync(file, pages.get(name) ?? assert.fail(name));
    const address = pathToFileURL(file).href;
    const page = await (await browser.newContext(options)).newPage();
    page.on("console", (message) => unexpected.push(message.text()));
    page.on("pageerror", (error) => unexpected.push(error.message));
    page.on("request", (request) => {
      if (request.url().split("#")[0] !== address) unexpected.push(request.url());
    });
    await page.goto(address);
    return page;
  }

  for (const name of [...STACKS, "difference", "hostile"]) {
    for (const colorScheme of ["light", "dark"] as const) {
      it(`axe finds nothing in ${name}, ${colorScheme}`, async () => {
        const page = await opened(name, { colorScheme });
        await page.evaluate(AXE);
        await page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))");
        const { violations, passes } = await page.evaluate<AxeResults>("axe.run()");
        assert.deepEqual(
          violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
          [],
        );
        assert.ok(
          passes.some(({ id }) => id === "color-contrast"),
          "contrast is looked at",
        );
        if (PICTURES !== "") {
          await page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = false))");
          await page.screenshot({ path: path.join(PICTURES, `${name}-${colorScheme}.png`), fullPage: true });
        }
        await page.context().close();
      });
    }
  }

  it("runs nothing of what the values bring along", async () => {
    const page = await opened("hostile");
    assert.equal(await page.evaluate("window.hostile"), undefined);
    assert.equal(await page.evaluate("document.images.length"), 0);
    await page.context().close();
  });

  it("runs no script but its own, even where one got in", async () => {
    pages.set("injected", (pages.get("dev") ?? "").replace("</main>", "<script>window.hostile=1</script></main>"));
    const page = await opened("injected");
    assert.equal(await page.evaluate("window.hostile"), undefined);
    assert.equal(unexpected.length, 1);
    assert.match(unexpected.pop() ?? "", /Content Security Policy/);
    await page.context().close();
  });

  it("is used by keyboard: the skip link, the search, what is unchanged, and the lines of a change", async () => {
    const page = await opened("difference");
    const focused = (): Promise<unknown> =>
      page.evaluate("document.activeElement.id || document.activeElement.textContent");
    const visibleRows = (): Promise<number> => page.locator("tbody tr:visible th").count();
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Skip to the content");
    assert.equal(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"), "solid");
    await page.keyboard.press("Enter");
    assert.equal(await focused(), "main");

    const search = page.getByRole("searchbox", { name: "Search" });
    await search.focus();
    const status = page.getByRole("status");
    assert.match(await status.innerText(), /^4 of \d+ shown, and \d+ unchanged hidden$/);
    await page.keyboard.type("QUOTA monitoring");
    assert.match(await status.innerText(), /^1 of \d+ shown/);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("ins:visible").innerText(), "+    requests.memory: 20Gi");
    await search.fill("");
    assert.ok((await visibleRows()) > 40);
    await page.context().close();
  });

  it("shows and hides what is unchanged without the script, and has no search then", async () => {
    const page = await opened("difference", { javaScriptEnabled: false });
    const rows = page.locator(".filtered tbody tr:visible");
    assert.equal(await rows.count(), 4);
    assert.equal(await page.getByRole("searchbox").count(), 0);
    await page.getByLabel("Show unchanged").check();
    assert.ok((await rows.count()) > 40);
    await page.context().close();
  });

  it("fits a narrow screen", async () => {
    for (const name of [...STACKS, "difference"]) {
      const page = await opened(name, { viewport: { width: 320, height: 640 } });
      assert.equal(await page.evaluate("document.scrollingElement.scrollWidth"), 320, name);
      await page.context().close();
    }
  });
});

/** Prod with another agent in the place of one, a server's argument that restarts k3s, and a quota. */
function changedProd(): Promise<Plan> {
  const text = edited(
    stackText("prod"),
    ["name: par-a3", "name: par-a4"],
    ["address: 192.0.2.23", "address: 192.0.2.24"],
    ["internalIp: 10.60.0.23", "internalIp: 10.60.0.24"],
    ["streaming-connection-idle-timeout=5m", "streaming-connection-idle-timeout=6m"],
    ["requests.memory: 16Gi", "requests.memory: 20Gi"],
  );
  return planOf(text, "prod");
}

function hostile(plan: Plan): Plan {
  return {
    ...plan,
    project: HOSTILE,
    warnings: [HOSTILE],
    nodes: plan.nodes.map((node) => ({ ...node, name: `${HOSTILE}${node.name}`, interface: HOSTILE })),
    resources: plan.resources.map((resource) => ({ ...resource, name: HOSTILE, inputs: { [HOSTILE]: HOSTILE } })),
    outputs: { ...plan.outputs, [HOSTILE]: HOSTILE },
  };
}
