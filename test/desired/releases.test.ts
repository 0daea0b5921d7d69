import * as assert from "node:assert/strict";
import { resourcesOf, type DesiredRelease } from "../../addons/resources";
import { valuePath } from "../../config/releases";
import { Secret } from "../../config/secret";
import { errors, stack } from "../config/fixtures";
import { build } from "../components/inCluster";
import { desiredOf, find, isSecret } from "../program";

const podinfo = { chart: "podinfo", repo: "https://charts.example.org", version: "6.9.0" };
const ofStack = { namespaces: { apps: {} }, storage: { longhorn: {} } };

function releases(raw: Record<string, unknown>): DesiredRelease[] {
  const { groups } = desiredOf({ ...ofStack, releases: raw });
  return resourcesOf(groups.filter(({ name }) => name === "releases")) as DesiredRelease[];
}

/** The problems of releases, a line each. */
function problems(raw: Record<string, unknown>): string[] {
  return errors(stack({ ...ofStack, releases: raw }));
}

describe("charts of one's own", () => {
  it("are releases with the stack's names, of a repository, a registry or a directory", () => {
    const found = releases({
      one: { ...podinfo, namespace: "apps" },
      two: { chart: "oci://registry.example.org/charts/two", version: "1.2.3", namespace: "apps" },
      three: { chart: "three", repo: "oci://registry.example.org/charts/", version: "v1.2.3", namespace: "default" },
      apps: { chart: "./addons/longhorn/stand-in" },
    });
    assert.deepEqual(
      found.map(({ name, namespace, chart }) => [name, namespace, chart]),
      [
        ["one", "apps", { chart: "podinfo", version: "6.9.0", repositoryOpts: { repo: "https://charts.example.org" } }],
        ["two", "apps", { chart: "oci://registry.example.org/charts/two", version: "1.2.3" }],
        ["three", "default", { chart: "oci://registry.example.org/charts/three", version: "v1.2.3" }],
        ["apps", "apps", { chart: "./addons/longhorn/stand-in" }],
      ],
    );
    assert.match(found[3]?.description ?? "", /^chart sha256:/, "an edit of a chart on disk is a change");
  });

  it("come after the namespaces, add-ons and issuers of the stack, and after the releases that they name", () => {
    const { groups } = desiredOf({
      ...ofStack,
      certificates: { certManager: true },
      issuers: { inside: { type: "ca" } },
      releases: { web: { ...podinfo, namespace: "apps", after: ["db"] }, db: { ...podinfo, namespace: "apps" } },
    });
    const all = resourcesOf(groups);
    const [web, db] = ["web", "db"].map((name) => all.find((each) => each.name === name));
    const waitsFor = web?.after.map(({ name }) => name) ?? [];
    for (const name of ["apps", "longhorn", "cert-manager", "inside", "db"]) assert.ok(waitsFor.includes(name), name);
    assert.ok(db?.after.every(({ name }) => name !== "web"));
  });

  it("take secrets as values by their path, which stay secrets", async () => {
    const secretValues = { "auth.password": Secret.of("hush"), "annotations.example\\.org/key": Secret.of("hush") };
    const values = { auth: { user: "u" }, replicas: 2 };
    const { groups } = desiredOf({
      ...ofStack,
      releases: { db: { ...podinfo, namespace: "apps", values, secretValues } },
    });
    const built = await build(groups);
    // The mocks make a secret of all that has one in it; what is beside it is told apart in the plan (below).
    const given = find(built, "db").inputs["values"] as { readonly value: unknown };
    assert.ok(isSecret(given));
    assert.deepEqual(given.value, {
      annotations: { "example.org/key": "hush" },
      auth: { user: "u", password: "hush" },
      replicas: 2,
    });
  });

  it("waits, takes a failure back, and is not protected, unless the stack says otherwise", async () => {
    const { groups } = desiredOf({
      ...ofStack,
      releases: {
        one: { ...podinfo, namespace: "apps" },
        two: { ...podinfo, namespace: "apps", wait: false, atomic: false, timeoutSeconds: 30 },
      },
    });
    const built = await build(groups);
    const given = (name: string): unknown[] =>
      ["skipAwait", "atomic", "timeout"].map((key) => find(built, name).inputs[key]);
    assert.deepEqual(
      [given("one"), given("two")],
      [
        [undefined, true, 600],
        [true, false, 30],
      ],
    );
  });

  it("are refused, all problems at once, where something is missing or does not fit", () => {
    assert.deepEqual(problems({ two: { ...podinfo, version: "1", namespace: "apps", repo: "charts" } }), [
      'releases.two.repo: "charts" is no chart repository; write its URL, e.g. https://charts.example.org',
      'releases.two.version: "1" is not one version; write a whole one like 1.2.3, for a range would change by itself',
    ]);
    assert.deepEqual(
      problems({
        one: { chart: "podinfo", namespace: "nowhere" },
        two: {
          chart: "oci://registry.example.org/two",
          repo: "https://charts.example.org",
          version: "1.0.0",
          namespace: "apps",
        },
        three: { chart: "./nowhere", repo: "https://charts.example.org", version: "1.2.3", namespace: "apps" },
        [`a-name-that-is-too-long-for-helm-${"x".repeat(25)}`]: { ...podinfo, namespace: "apps" },
        db: { ...podinfo, namespace: "apps", after: ["web", "none"] },
        web: { ...podinfo, namespace: "apps", after: ["db"] },
        alone: { ...podinfo, namespace: "apps", after: ["alone"] },
        hidden: {
          ...podinfo,
          namespace: "apps",
          values: { auth: { password: "x" }, list: [1] },
          secretValues: Object.fromEntries(
            ["auth.password", "auth.password.more", "list[0]", "list.0", "a..b", "fine.here", "one", "one.two"].map(
              (path) => [path, Secret.sealed()],
            ),
          ),
        },
      }),
      [
        "releases.a-name-that-is-too-long-for-helm-xxxxxxxxxxxxxxxxxxxxxxxxx: is a name of 58 characters; write one of at most 53",
        "releases.one.repo: is missing; write where the chart podinfo is, e.g. https://charts.example.org",
        "releases.one.version: is missing: the newest one would be another one each time; write the chart's version, e.g. 1.2.3",
        "releases.two.repo: stands beside a chart that names its registry itself; take it out",
        "releases.three.repo: stands beside a chart on disk; take one of them out",
        "releases.three.version: stands beside a chart on disk, which has a version of its own; take it out",
        "releases.three.chart: there is no ./nowhere; write the path of a chart's directory or archive",
        "releases.one.namespace: nowhere is no namespace of the stack; write namespaces.nowhere: {}, or another namespace",
        "releases.db.after[0]: web waits for db, too; take one of the two out",
        "releases.db.after[1]: there is no release none; write one of one, two, three, a-name-that-is-too-long-for-helm-xxxxxxxxxxxxxxxxxxxxxxxxx, web, alone and hidden",
        "releases.web.after[0]: db waits for web, too; take one of the two out",
        "releases.alone.after[0]: alone waits for alone, too; take one of the two out",
        'releases.hidden.secretValues["auth.password"]: has a value already; take one of the two out',
        'releases.hidden.secretValues["auth.password.more"]: has a value already; take one of the two out',
        'releases.hidden.secretValues["list[0]"]: is no path of a value; write one like auth.password; entries of lists have none',
        'releases.hidden.secretValues["list.0"]: has a value already; take one of the two out',
        'releases.hidden.secretValues["a..b"]: is no path of a value; write one like auth.password; entries of lists have none',
        "releases.hidden.secretValues.one: has a value already; take one of the two out",
      ],
    );
  });

  it("has paths of values as helm --set writes them", () => {
    assert.deepEqual(valuePath("a.b"), ["a", "b"]);
    assert.deepEqual(valuePath("a\\.b.c"), ["a.b", "c"]);
    assert.deepEqual(["", "a..b", ".a", "a.", "a[0].b", "a,b"].map(valuePath), Array(6).fill(undefined));
  });
});
