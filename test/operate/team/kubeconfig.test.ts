import * as assert from "node:assert/strict";
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { writeKubeconfig } from "../../../operate/kubeconfigFile";
import { fromApi, kubeconfigText, tokenIn } from "../../../operate/team/kubeconfig";
import { accountOf, lifeInSeconds } from "../../../operate/team/request";
import { settingsFrom } from "../../config/fixtures";
import { TlsSite } from "../certificate/tlsServer";

const { namespaces } = settingsFrom({
  namespaces: {
    shop: { access: { web: { role: "edit" }, ops: { role: "admin" } } },
    lab: { access: { web: { role: "view" } } },
  },
});
const request = (team: string, namespace?: string) => ({ team, namespace, seconds: 600 });

describe("a team's kubeconfig", () => {
  it("is of its service account in its namespace, which is named where there are several", () => {
    assert.deepEqual(accountOf({ namespaces }, request("ops")), { namespace: "shop", account: "team-ops" });
    assert.deepEqual(accountOf({ namespaces }, request("web", "lab")), { namespace: "lab", account: "team-web" });
    assert.throws(() => accountOf({ namespaces }, request("web")), /is in several namespaces: shop, lab$/);
    assert.throws(() => accountOf({ namespaces }, request("ops", "lab")), /'ops' is not in the namespace 'lab'$/);
    assert.throws(() => accountOf({ namespaces }, request("nobody")), { remedy: "its teams are web, ops" });
    assert.throws(() => accountOf({ namespaces: {} }, request("web")), { remedy: /namespaces\.NAME\.access/ });
  });

  it("lives for minutes, hours or days, and not for ever", () => {
    assert.deepEqual(["10m", "8h", "30d"].map(lifeInSeconds), [600, 28_800, 2_592_000]);
    for (const text of ["9m", "367d", "8", "h", "1h30m", "-1h", ""]) {
      assert.throws(() => lifeInSeconds(text), /no life of a token/, text);
    }
  });

  it("has one context, with the namespace set, and a token in place of a certificate", () => {
    const config = parse(kubeconfigText("home-shop-web", { server: "https://192.0.2.1:6443" }, "shop", "T")) as object;
    assert.deepEqual(config, {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "home-shop-web", cluster: { server: "https://192.0.2.1:6443" } }],
      users: [{ name: "home-shop-web", user: { token: "T" } }],
      contexts: [
        { name: "home-shop-web", context: { cluster: "home-shop-web", user: "home-shop-web", namespace: "shop" } },
      ],
      "current-context": "home-shop-web",
    });
  });

  it("is not made of an answer without a token", () => {
    const expirationTimestamp = "2026-11-29T08:00:00Z";
    assert.deepEqual(tokenIn({ status: { token: "T", expirationTimestamp } }), {
      text: "T",
      ends: new Date(expirationTimestamp),
    });
    for (const answer of [undefined, {}, { status: { token: "", expirationTimestamp } }, { status: { token: "T" } }]) {
      assert.throws(() => tokenIn(answer), /the API gave no token/);
    }
  });

  it("is written for its owner alone, over one of the same name and over nothing else", () => {
    const directory = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    const text = (name: string, token: string): string => kubeconfigText(name, { server: "https://a" }, "shop", token);
    const path = join(directory, "web.yaml");
    writeKubeconfig(path, text("web", "1"));
    assert.equal(statSync(path).mode & 0o777, 0o600);
    writeKubeconfig(path, text("web", "2"));
    assert.equal(readFileSync(path, "utf8"), text("web", "2"));
    assert.throws(() => writeKubeconfig(path, text("ops", "3")), /is there already, and is something else/);
    const other = join(directory, "notes");
    writeFileSync(other, "notes: [");
    assert.throws(() => writeKubeconfig(other, text("web", "1")), /is something else/);
    assert.equal(readFileSync(other, "utf8"), "notes: [");
  });
});

describe("a token that the API is asked for", () => {
  it("is asked for by the kubeconfig's own login, and a refusal is said in the API's words", async () => {
    const site = new TlsSite();
    site.authority("ca");
    site.certificate("api", "IP:127.0.0.1", "ca");
    const asked: unknown[] = [];
    const server = createServer(
      { key: readFileSync(site.path("api.key")), cert: site.read("api") },
      (message, response) => {
        let body = "";
        message.on("data", (chunk: Buffer) => (body += chunk.toString()));
        message.on("end", () => {
          asked.push(message.url, message.headers.authorization, (JSON.parse(body) as { spec: unknown }).spec);
          const isThere = message.url?.includes("/team-web/") === true;
          response
            .writeHead(isThere ? 201 : 404)
            .end(
              JSON.stringify(
                isThere
                  ? { status: { token: "T", expirationTimestamp: "2026-11-29T08:00:00Z" } }
                  : { message: 'serviceaccounts "team-x" not found' },
              ),
            );
        });
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const cluster = {
        server: `https://127.0.0.1:${String(port)}`,
        "certificate-authority-data": Buffer.from(site.read("ca")).toString("base64"),
      };
      const kubeconfig = kubeconfigText("admin", cluster, "default", "ADMIN");
      const made = await fromApi(kubeconfig, { namespace: "shop", account: "team-web" }, 900);
      assert.equal(tokenIn(made.answer).text, "T");
      assert.deepEqual(made.cluster, cluster);
      assert.deepEqual(asked, [
        "/api/v1/namespaces/shop/serviceaccounts/team-web/token",
        "Bearer ADMIN",
        { expirationSeconds: 900 },
      ]);
      await assert.rejects(fromApi(kubeconfig, { namespace: "shop", account: "team-x" }, 900), {
        message: "the cluster has no service account team-x in shop yet",
        remedy: "run 'pulumi up' first",
      });
      const without = kubeconfig.replace("token: ADMIN", "exec: {}");
      await assert.rejects(
        fromApi(without, { namespace: "shop", account: "team-web" }, 900),
        /neither a certificate nor a token/,
      );
    } finally {
      server.close();
      site.close();
    }
  });
});
