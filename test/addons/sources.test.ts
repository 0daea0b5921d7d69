import * as assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addons } from "../../addons/all";
import { chartDigest } from "../../addons/chartDigest";
import { chartSource } from "../../addons/chartSource";
import { corednsFiles } from "../../addons/coredns/files";
import { resolverAddress } from "../../addons/resolverAddress";
import { localPathSource } from "../../addons/local-path/source";
import { defaultStorageClass } from "../../addons/storageClasses";
import { disabledComponents } from "../../desired/host/k3sConfig";
import { settingsOf } from "../program";

describe("the source of a chart", () => {
  const defaults = { repo: "https://charts.example.org", chart: "longhorn", version: "1.11.3" };
  const source = (overrides: Parameters<typeof chartSource>[1]): unknown => chartSource(defaults, overrides);

  it("is the project's own repository at the pinned version by default", () => {
    const repositoryOpts = { repo: "https://charts.example.org" };
    assert.deepEqual(source({}), { chart: "longhorn", version: "1.11.3", repositoryOpts });
    assert.deepEqual(source({ version: "1.11.4" }), { chart: "longhorn", version: "1.11.4", repositoryOpts });
  });

  it("is a mirror, by any name there", () => {
    const repositoryOpts = { repo: "https://mirror.example.org" };
    assert.deepEqual(source({ repo: "https://mirror.example.org" }), {
      chart: "longhorn",
      version: "1.11.3",
      repositoryOpts,
    });
    const chart = "longhorn-mirrored";
    assert.deepEqual(source({ repo: "https://mirror.example.org", chart }), {
      chart,
      version: "1.11.3",
      repositoryOpts,
    });
  });

  it("is an OCI registry without repository options", () => {
    const expected = { chart: "oci://registry.example.org/charts/longhorn", version: "1.11.3" };
    assert.deepEqual(source({ repo: "oci://registry.example.org/charts" }), expected);
    assert.deepEqual(source({ repo: "oci://registry.example.org/charts/" }), expected);
    assert.deepEqual(source({ chart: "oci://registry.example.org/charts/longhorn" }), expected);
  });

  it("is a path without repository and version", () => {
    for (const chart of ["./charts/longhorn", "/srv/charts/longhorn", "charts/longhorn", "longhorn-1.11.3.tgz"]) {
      assert.deepEqual(source({ chart, version: "1.11.4" }), { chart });
    }
  });
});

describe("the digest of a chart on disk", () => {
  it("changes with its files and not with where it lies", () => {
    const directory = mkdtempSync(join(tmpdir(), "chart-"));
    try {
      const [one, two] = [join(directory, "one"), join(directory, "two")];
      cpSync(join(__dirname, "..", "..", "addons", "longhorn", "stand-in"), one, { recursive: true });
      cpSync(one, two, { recursive: true });
      assert.equal(chartDigest(one), chartDigest(two));
      writeFileSync(join(two, "values.yaml"), "changed: true\n");
      assert.notEqual(chartDigest(one), chartDigest(two));
      const archive = join(directory, "chart.tgz");
      writeFileSync(archive, "archive");
      assert.equal(chartDigest(archive)?.length, 64);
      assert.equal(chartDigest(join(directory, "missing")), undefined);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("the address of a resolver", () => {
  const cases = {
    "9.9.9.9": "9.9.9.9:53",
    "9.9.9.9:5353": "9.9.9.9:5353",
    "2620:fe::fe": "[2620:fe::fe]:53",
    "[2620:fe::fe]": "[2620:fe::fe]:53",
    "[2620:fe::fe]:5353": "[2620:fe::fe]:5353",
    "ns1.example.org": "ns1.example.org:53",
    "tls://9.9.9.9": "tls://9.9.9.9",
    "https://dns.example.org/dns-query": "https://dns.example.org/dns-query",
  };
  for (const [given, wanted] of Object.entries(cases)) {
    it(`${given} is ${wanted}`, () => {
      assert.equal(resolverAddress(given), wanted);
    });
  }
});

describe("files of CoreDNS", () => {
  it("are none when nothing is set", () => {
    assert.deepEqual(corednsFiles({ forward: {}, custom: {} }), {});
  });

  it("ask zones elsewhere, each in a server block of its own", () => {
    const forward = { "home.example.org": ["192.168.10.1", "fd00::1"], "Corp.Example.org": ["10.0.0.2:5353"] };
    assert.equal(
      corednsFiles({ forward, custom: {} })["groundwork-forward.server"],
      [
        "home.example.org:53 {",
        "    errors",
        "    cache 30",
        "    forward . 192.168.10.1:53 [fd00::1]:53",
        "}",
        "corp.example.org:53 {",
        "    errors",
        "    cache 30",
        "    forward . 10.0.0.2:5353",
        "}",
        "",
      ].join("\n"),
    );
  });

  it("carry the stack's own as they are", () => {
    const custom = { "log.override": "log\n" };
    assert.deepEqual(corednsFiles({ forward: {}, custom }), custom);
  });
});

describe("StorageClasses", () => {
  const longhorn = { default: true };
  const cases: [string, Record<string, unknown>, "k3s" | "groundwork" | "none", string | undefined][] = [
    ["nothing is said", {}, "k3s", "local-path"],
    ["local-path is named", { storage: { localPath: {} } }, "k3s", "local-path"],
    ["another class is the default", { storage: { longhorn } }, "groundwork", "longhorn"],
    [
      "NFS is the default",
      { storage: { nfs: { server: "n", path: "/x", default: true } } },
      "groundwork",
      "nfs-client",
    ],
    ["local-path is not the default", { storage: { localPath: { default: false } } }, "groundwork", undefined],
    ["local-storage is disabled", { k3s: { disable: ["local-storage"] } }, "none", undefined],
    ["both are said", { k3s: { disable: ["local-storage"] }, storage: { localPath: {} } }, "groundwork", "local-path"],
  ];
  for (const [when, changes, source, defaultClass] of cases) {
    it(`come from ${source} and ${defaultClass ?? "none"} is the default when ${when}`, () => {
      const settings = settingsOf(changes);
      assert.equal(localPathSource(settings, addons), source);
      assert.deepEqual(disabledComponents(settings), source === "k3s" ? [] : ["local-storage"]);
      assert.equal(defaultStorageClass(settings, addons), defaultClass);
    });
  }

  it("leave k3s's other components as they are set", () => {
    const settings = settingsOf({ k3s: { disable: ["traefik", "servicelb"] }, storage: { longhorn } });
    assert.deepEqual(disabledComponents(settings), ["local-storage", "servicelb", "traefik"]);
  });
});
