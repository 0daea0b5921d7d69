import * as assert from "node:assert/strict";
import { desiredOf } from "../../program";
import { settingsOf } from "../../program";
import type { Freshness } from "../../../operate/outdated/judge";
import { outdated } from "../../../operate/outdated/outdated";

const CHANNELS = "https://channels.example.org/";
const channels = (...latest: string[]): unknown => ({
  data: latest.map((version) => ({ id: /^v\d+\.\d+/.exec(version)?.[0], latest: version })),
});
const index = (chart: string, ...versions: string[]): unknown => ({
  entries: { [chart]: versions.map((version) => ({ version })) },
});

type Answer = (headers: Headers, url: URL) => Response;
const json = (body: unknown, headers: Record<string, string> = {}): Answer => {
  return () => new Response(JSON.stringify(body), { headers });
};

async function look(changes: Record<string, unknown>, answers: Record<string, unknown>): Promise<Freshness[]> {
  const get = ((url: string, { headers }: RequestInit) => {
    const answer = answers[url];
    if (answer === undefined) return Promise.reject(new Error("no such host"));
    return Promise.resolve(
      (typeof answer === "function" ? (answer as Answer) : json(answer))(new Headers(headers), new URL(url)),
    );
  }) as typeof fetch;
  return outdated(settingsOf(changes), desiredOf(changes), { channels: CHANNELS, get });
}

const [LONGHORN, OCI] = [
  "https://charts.longhorn.io/index.yaml",
  "https://registry.example.org/v2/charts/app/tags/list",
];
const nodes = (k3sVersion: string): Record<string, unknown> => ({ k3s: { version: k3sVersion } });

describe("what is outdated", () => {
  it("is k3s's newest patch first, then the next minor version, never two at once", async () => {
    const list = {
      data: [
        { id: "stable", latest: "v1.36.4+k3s1" },
        { id: "v1.35", latest: "v1.35.6+k3s1" },
        { id: "v1.36", latest: "v1.36.4+k3s1" },
        { id: "v1.37", latest: "v1.37.0+k3s1" },
        { id: "testing", latest: "v1.38.0-rc1+k3s1" },
      ],
    };
    const [k3s] = await look(nodes("v1.35.4+k3s1"), { [CHANNELS]: list });
    assert.deepEqual(k3s, {
      name: "k3s",
      setting: "k3s.version",
      installed: "v1.35.4+k3s1",
      next: "v1.35.6+k3s1",
      newest: "v1.37.0+k3s1",
      notes: ["then v1.36.4+k3s1, the next minor version", "k3s calls v1.36.4+k3s1 stable"],
      failed: false,
    });
    const [patched] = await look(nodes("v1.35.6+k3s1"), { [CHANNELS]: list });
    assert.equal(patched?.next, "v1.36.4+k3s1");
    const [newest] = await look(nodes("v1.37.0+k3s1"), { [CHANNELS]: list });
    assert.deepEqual([newest?.next, newest?.newest], [undefined, "v1.37.0+k3s1"]);
  });

  it("is a chart's newest release, with what is known of its Kubernetes", async () => {
    const [, certManager] = await look(
      {
        ...nodes("v1.36.4+k3s1"),
        certificates: { certManager: true, version: "v1.20.0", repo: "https://charts.example.org/" },
      },
      {
        [CHANNELS]: channels("v1.36.4+k3s1"),
        "https://charts.example.org/index.yaml": index(
          "cert-manager",
          "v9.0.0",
          "v9.1.0-alpha.0",
          "v1.20.0",
          "v1.20.10",
          "v1.20.9",
        ),
      },
    );
    assert.deepEqual(certManager, {
      name: "cert-manager",
      setting: "certificates.version",
      installed: "v1.20.0",
      next: "v9.0.0",
      newest: "v9.0.0",
      notes: ["this Groundwork knows nothing of the Kubernetes that it needs"],
      failed: false,
    });
  });

  it("takes Longhorn up one minor version at a time", async () => {
    const storage = { longhorn: { version: "1.9.1", default: true } };
    const [, longhorn] = await look(
      { ...nodes("v1.36.4+k3s1"), storage },
      {
        [CHANNELS]: channels("v1.36.4+k3s1"),
        [LONGHORN]: index("longhorn", "1.11.0", "1.10.2", "1.10.1", "1.9.1", "1.9.2"),
      },
    );
    assert.equal(longhorn?.next, "1.10.2");
    assert.equal(longhorn.newest, "1.11.0");
    assert.match(longhorn.notes.join(), /then on to 1\.11\.0: one minor version at a time/);
  });

  it("reads a registry's tags through all pages, with the token that it gives to anybody", async () => {
    const challenge =
      'Bearer realm="https://auth.example.org/token",service="registry",scope="repository:charts/app:pull"';
    const tags =
      (body: string[], link: string): Answer =>
      (headers) =>
        headers.get("authorization") === "Bearer guest"
          ? new Response(JSON.stringify({ tags: body }), { headers: { link } })
          : new Response("", { status: 401, headers: { "www-authenticate": challenge } });
    const release = { chart: "oci://registry.example.org/charts/app", version: "1.0.0", namespace: "default" };
    const [, app] = await look(
      { ...nodes("v1.36.4+k3s1"), releases: { app: release } },
      {
        [CHANNELS]: channels("v1.36.4+k3s1"),
        [OCI]: tags(["1.0.0", "latest"], '</v2/charts/app/tags/list?last=1>; rel="next"'),
        [`${OCI}?last=1`]: tags(["1.1.0_build.2"], ""),
        "https://auth.example.org/token?service=registry&scope=repository%3Acharts%2Fapp%3Apull": { token: "guest" },
      },
    );
    assert.deepEqual([app?.next, app?.setting], ["1.1.0+build.2", "releases.app.version"]);
  });

  it("says of each what could not be read, and never that it is the newest", async () => {
    const found = await look(
      {
        ...nodes("v1.36.4+k3s1"),
        storage: { longhorn: { default: true } },
        releases: { own: { chart: "./addons/longhorn/stand-in", namespace: "default" } },
      },
      { [CHANNELS]: () => new Response("", { status: 503 }), [LONGHORN]: { entries: {} } },
    );
    assert.deepEqual(
      found.map(({ name, newest, failed, notes }) => [name, newest, failed, notes.join()]),
      [
        ["k3s", undefined, true, `cannot read ${CHANNELS}: HTTP 503`],
        ["longhorn", undefined, true, `cannot read ${LONGHORN}: it lists no chart 'longhorn'`],
        ["own", undefined, false, "a chart on disk: ./addons/longhorn/stand-in"],
      ],
    );
  });
});
