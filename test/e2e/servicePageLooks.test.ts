import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { AxeResults } from "axe-core";
import { CHANGED, machines, ServiceBrowser, state } from "./serviceBrowser";

const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Where pictures of the pages are put for a person to look at; none are made without it. */
const PICTURES = process.env["GROUNDWORK_PICTURES"] ?? "";

/** Markup that would be seen if it were one: it says so in the page's own window. */
const HOSTILE = `"><img src=x onerror="window.hostile=1"></li><script>window.hostile=1</script>`;

describe("how the service's page looks in a Chromium", function () {
  this.timeout(180_000);
  const the = ServiceBrowser.forSuite();

  it("shows what there is without a script", async () => {
    the.served.does("prod", { hold: "birch-drain" });
    const { page } = await the.signedIn("/page/stacks/prod", { javaScriptEnabled: false });
    await page.getByRole("button", { name: "Up", exact: true }).click();
    const again = page.getByRole("link", { name: "Load again" });
    await again.waitFor();
    const id = page.url().split("/").at(-1) ?? "";
    for await (const { data } of the.served.messages(id)) if (isDone(data, "atlas-ready")) break;
    await again.click();
    assert.deepEqual((await machines(page)).slice(-3, -2), ["atlas all done in 0 s"]);
    the.served.release("prod");
    await the.served.all(id);
    await again.click();
    assert.match(await page.locator("#state").innerText(), /^succeeded/);
    assert.equal(await again.count(), 0);
  });

  it("runs nothing of what names, notes, outputs and hosts bring along", async () => {
    const outputs = { kubeconfig: "", apiUrl: HOSTILE, ingress: HOSTILE, nodes: [{ name: HOSTILE, role: HOSTILE }] };
    const entry = { version: 1, operation: "up", result: HOSTILE, start: new Date(0), changes: {}, message: HOSTILE };
    const kept = { resources: [], outputs, history: [entry] };
    fs.writeFileSync(path.join(the.served.project("prod"), "state.json"), JSON.stringify(kept));
    the.served.does("prod", { hold: "birch-drain", line: HOSTILE, failures: { "birch-ready": HOSTILE } });
    const { page } = await the.signedIn("/page/stacks/prod");
    const look = async (): Promise<void> => {
      assert.ok((await page.locator("main").innerText()).includes(HOSTILE));
      assert.equal(await page.evaluate("window.hostile"), undefined);
      assert.equal(await page.evaluate("document.images.length + document.scripts.length"), 1);
    };
    await look();
    await page.goto(`${the.served.address}/page/stacks/prod/history`);
    await look();
    await page.goBack();
    await page.getByLabel("Note").fill(HOSTILE);
    await page.getByRole("button", { name: "Up", exact: true }).click();
    await page.locator("#lines", { hasText: "onerror" }).waitFor();
    the.served.release("prod");
    await state(page, "failed");
    await look();
    await page.reload();
    await look();
    await page.goto(`${the.served.address}/page/stacks/prod`);
    await look();
    await page.goto(`${the.served.address}/page/stacks/${encodeURIComponent(HOSTILE)}`);
    assert.match(the.unexpected.pop() ?? "", /40\d/);
    assert.equal(await page.evaluate("window.hostile"), undefined);
  });

  it("is without findings of axe and fits a narrow screen: each page, in both colour schemes", async () => {
    await the.up();
    the.served.settings("prod", CHANGED);
    const { page } = await the.signedIn("/page");
    const preview = await the.served.begin("prod", "preview");
    await the.served.all(preview);
    the.served.does("prod", { hold: "birch", line: "k3s is installed", failures: { cedar: "error: cedar: no room" } });
    const approved = await the.served.call("POST", `/previews/${preview}/approve`, { body: { message: "reviewed" } });
    const run = approved.body.id as string;
    for await (const { data } of the.served.messages(run)) if (isDone(data, "birch-drain")) break;
    const look = async (name: string, address: string): Promise<void> => {
      await page.goto(`${the.served.address}${address}`);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(AXE);
        const { violations, passes } = await page.evaluate<AxeResults>("axe.run()");
        assert.deepEqual(
          violations.map(({ id, nodes }) => `${name} ${id}: ${nodes[0]?.html}`),
          [],
        );
        assert.ok(
          passes.some(({ id }) => id === "color-contrast"),
          "contrast is looked at",
        );
        if (PICTURES !== "") {
          await page.screenshot({ path: path.join(PICTURES, `service-${name}-${colorScheme}.png`), fullPage: true });
        }
      }
      await page.setViewportSize({ width: 320, height: 640 });
      assert.equal(await page.evaluate("document.scrollingElement.scrollWidth"), 320, name);
      await page.setViewportSize({ width: 1100, height: 800 });
    };
    await look("stacks", "/page");
    await look("stack", "/page/stacks/prod");
    await look("new-stack", "/page/stacks/staging");
    await look("history", "/page/stacks/prod/history");
    await look("preview", `/page/operations/${preview}`);
    await look("run", `/page/operations/${run}`);
    the.served.release("prod");
    await the.served.all(run);
    await look("failed", `/page/operations/${run}`);
    await look("error", "/page/nothing");
    assert.match(the.unexpected.pop() ?? "", /404/);
    await page.getByRole("button", { name: "Sign out" }).click();
    await look("sign-in", "/page/sign-in");
  });
});

/** Whether an event says that something was done to a resource. */
function isDone(
  event: { readonly phase?: string; readonly resource?: { readonly name: string } },
  name: string,
): boolean {
  return event.phase === "done" && event.resource?.name === name;
}
