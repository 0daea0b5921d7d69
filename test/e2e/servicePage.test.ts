import * as assert from "node:assert/strict";
import * as path from "node:path";
import { Tokens } from "../../service/access/tokens";
import { openSqlite } from "../../service/store/sqliteStore";
import { clusterSettings } from "../service/page/pageCluster";
import { CHANGED, machines, ServiceBrowser, state } from "./serviceBrowser";

describe("the service's page in a Chromium", function () {
  this.timeout(180_000);
  const the = ServiceBrowser.forSuite();

  it("lets somebody in with the right token only, shows the stacks, and lets them out", async () => {
    const page = await the.opened("/page/stacks/prod");
    await page.getByLabel("Token").fill("gw_other");
    await page.keyboard.press("Enter");
    const alert = page.getByRole("alert");
    assert.equal(await alert.innerText(), "The service does not know this token. Ask the operator for a new one.");
    assert.match(the.unexpected.pop() ?? "", /401/);
    await page.getByLabel("Token").fill(await the.served.token("prod:read"));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Stack prod" }).waitFor();
    await page.getByRole("link", { name: "Groundwork" }).click();
    assert.deepEqual(await page.locator("tbody th").allInnerTexts(), ["prod"]);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.goto(`${the.served.address}/page`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });

  it("is used by keyboard alone: sign in, preview, look, approve, and watch to the end", async () => {
    await the.up();
    the.served.settings("prod", CHANGED);
    const page = await the.opened("/page/stacks/prod");
    const focused = (): Promise<string> =>
      page.evaluate("document.activeElement.textContent || document.activeElement.name");
    /** Goes on with the tab key until a control has the focus, which is always seen. */
    const tabTo = async (words: string): Promise<void> => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press("Tab");
        assert.equal(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"), "solid");
        if ((await focused()).startsWith(words)) return;
      }
      assert.fail(`the tab key does not come to: ${words}`);
    };
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Skip to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.type(await the.token());
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Stack prod" }).waitFor();
    await tabTo("Preview");
    await page.keyboard.press("Enter");
    await state(page, "succeeded");
    assert.match(await page.locator(".verdict").innerText(), /^k3s may restart on: atlas, birch, cedar; /);
    await tabTo("message");
    await page.keyboard.type("looked at it");
    await tabTo("Approve");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Up of prod" }).waitFor();
    await state(page, "succeeded");
    assert.match(await page.locator("#facts").innerText(), /looked at it/);
    const { operations } = (await the.served.call("GET", "/stacks/prod/operations")).body;
    assert.deepEqual(
      operations.map((one: { kind: string; message?: string; state: string }) => [one.kind, one.state, one.message]),
      [
        ["up", "succeeded", "looked at it"],
        ["preview", "succeeded", undefined],
        ["up", "succeeded", undefined],
      ],
    );
  });

  it("shows a run as it goes, with what waits, to its end", async () => {
    await the.up();
    the.served.settings("prod", CHANGED);
    the.served.does("prod", { line: "k3s is installed" });
    const { page } = await the.signedIn("/page/stacks/prod");
    await page.getByRole("button", { name: "Preview" }).click();
    await state(page, "succeeded");
    the.served.does("prod", { hold: "birch", line: "k3s is installed" });
    await page.getByRole("button", { name: "Approve" }).click();
    await page.locator("#timeline", { hasText: "birch 1 of 3 done" }).waitFor();
    assert.deepEqual(await machines(page), ["atlas all done in 0 s", "birch 1 of 3 done", "cedar waits"]);
    assert.match(await page.locator("#lines").innerText(), /atlas: k3s is installed/);
    assert.deepEqual(await page.locator("#state").innerText(), "running It runs.");
    the.served.release("prod");
    await state(page, "succeeded");
    assert.deepEqual(
      (await machines(page)).map((line) => line.replace(/\d+ s/, "N s")),
      ["atlas all done in N s", "birch all done in N s", "cedar all done in N s"],
    );
    assert.equal(await page.title(), "succeeded: Up of prod · Groundwork");
    assert.equal(await page.getByRole("button", { name: "Cancel" }).count(), 0);
    // What the page has come to is what it is loaded as.
    const seen = await page.locator("main").innerText();
    await page.reload();
    assert.equal(await page.locator("main").innerText(), seen);
  });

  it("cancels a run in good order", async () => {
    the.served.does("prod", { hold: "birch" });
    const { page } = await the.signedIn("/page/stacks/prod");
    await page.getByRole("button", { name: "Up", exact: true }).click();
    await page.locator("#timeline", { hasText: "atlas" }).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await state(page, "cancelled");
    assert.match(
      await page.locator("#why-heading ~ pre").innerText(),
      /up of stack 'prod' was cancelled|was cancelled/,
    );
  });

  it("shows what failed with what its host said", async () => {
    the.served.does("prod", { failures: { "birch-ready": "error: birch: etcd has no quorum" } });
    const { page } = await the.signedIn("/page/stacks/prod");
    await page.getByRole("button", { name: "Up", exact: true }).click();
    await state(page, "failed");
    assert.match(await page.locator("#why").innerText(), /birch-ready\nerror: birch: etcd has no quorum/);
    assert.ok((await machines(page)).includes("birch 1 failed"));
  });

  it("says of a plan that is not what would be done now how to go on", async () => {
    await the.up();
    the.served.settings("prod", CHANGED);
    const { page } = await the.signedIn("/page/stacks/prod");
    await page.getByRole("button", { name: "Preview" }).click();
    await state(page, "succeeded");
    the.served.settings("prod", clusterSettings({ "groundwork:dns": { upstream: ["10.40.0.3"] } }));
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByRole("heading", { name: "Up of prod" }).waitFor();
    await state(page, "failed");
    const why = page.locator("#why");
    assert.match(await why.innerText(), /changed after the preview.*Look at a new preview, and approve that one/s);
    assert.match(await why.locator("ul").innerText(), /groundwork:dns|dns/);
    await why.getByRole("link", { name: "Preview of prod" }).click();
    await page.getByRole("heading", { name: "Preview of prod" }).waitFor();
    assert.match(await page.locator("#facts").innerText(), /Approved\s+Up of prod failed/);
    assert.equal(await page.getByRole("button", { name: "Approve" }).count(), 0);
    await page.goBack();
    await page.getByRole("button", { name: "Preview again" }).click();
    await page.getByRole("heading", { name: "Preview of prod" }).waitFor();
    await state(page, "succeeded");
  });

  it("ends with the token, in the middle of whatever is shown", async () => {
    const { page, token } = await the.signedIn("/page/stacks/prod");
    const store = await openSqlite(path.join(the.served.directory, "state"));
    await new Tokens(store).revoke(token.split("_")[1] ?? "");
    await store.close();
    await page.getByRole("button", { name: "Up", exact: true }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assert.deepEqual((await the.served.call("GET", "/stacks/prod/operations")).body.operations, []);
  });

  it("keeps who is signed in when they come by a link of another site", async () => {
    const { page } = await the.signedIn("/page");
    // Another name of this machine is another site.
    const elsewhere = the.served.address.replace("127.0.0.1", "localhost");
    await page.route(`${elsewhere}/**`, (route) =>
      route.fulfill({ contentType: "text/html", body: `<a href="${the.served.address}/page/stacks/prod">prod</a>` }),
    );
    await page.goto(`${elsewhere}/chat`);
    the.unexpected = [];
    await page.getByRole("link", { name: "prod" }).click();
    await page.getByRole("heading", { name: "Stack prod" }).waitFor();
  });
});
