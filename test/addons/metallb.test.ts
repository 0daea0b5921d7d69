import * as assert from "node:assert/strict";
import { metallb } from "../../addons/metallb/addon";
import { addressRange, rangesOverlap, type Range } from "../../addons/metallb/range";
import { advertisementSpec, metallbValues } from "../../addons/metallb/values";
import { resourcesOf } from "../../addons/resources";
import { riskyChanges } from "../../plan/compare/riskyChanges";
import { errors, stack, warnings } from "../config/fixtures";
import { edited, planOf, stackText } from "../plan/stacks";
import { desiredOf } from "../program";
import { build } from "../components/inCluster";

const site = { addresses: ["192.168.10.240-192.168.10.250"] };
const k3s = { disable: ["traefik", "servicelb"] };
const having = (pools: object, more: object = {}): Record<string, unknown> =>
  stack({ addons: { metallb: { pools } }, k3s, ...more });

const range = (text: string): Range => {
  const found = addressRange(text);
  assert.ok(found, text);
  return found;
};

describe("MetalLB", () => {
  it("is a release with pools after it, each announced", async () => {
    const pools = { site, rack: { addresses: ["10.9.0.0/28"], autoAssign: false, interfaces: ["eth1"] } };
    const { groups } = desiredOf({ addons: { metallb: { pools } }, k3s });
    const addons = groups.filter(({ name }) => name === "addons");
    const built = await build(addons);
    assert.deepEqual(
      built.map(({ name, type, options }) => `${type} ${name} after ${options.dependsOn.join(", ")}`),
      [
        "groundwork:addons:Addons addons after ",
        "groundwork:addons:Metallb metallb after ",
        "kubernetes:helm.sh/v3:Release metallb after metallb-system",
        "kubernetes:core/v1:Namespace metallb-system after ",
        "kubernetes:metallb.io/v1beta1:IPAddressPool rack after metallb",
        "kubernetes:metallb.io/v1beta1:L2Advertisement rack after metallb, rack",
        "kubernetes:metallb.io/v1beta1:IPAddressPool site after metallb",
        "kubernetes:metallb.io/v1beta1:L2Advertisement site after metallb, site",
      ],
    );
    const specs = resourcesOf(addons).flatMap((one) =>
      one.is === "object" && one.apiVersion === "metallb.io/v1beta1" ? [one.fields["spec"]] : [],
    );
    assert.deepEqual(specs, [
      { addresses: site.addresses, autoAssign: true },
      { ipAddressPools: ["site"] },
      { addresses: ["10.9.0.0/28"], autoAssign: false },
      { ipAddressPools: ["rack"], interfaces: ["eth1"] },
    ]);
  });

  it("announces without BGP, and lets pools in before its webhook answers", () => {
    const { frrk8s, crds } = metallbValues();
    assert.deepEqual({ frrk8s, crds }, { frrk8s: { enabled: false }, crds: { validationFailurePolicy: "Ignore" } });
  });

  it("gives a LoadBalancer service of the ingress its address", () => {
    const ingress = { controller: "ingress-nginx", version: "9.9.9" };
    assert.deepEqual(errors(having({ site }, { ingress })), []);
    assert.deepEqual(warnings(having({ site }, { ingress })), []);
    assert.match(errors(stack({ ingress, k3s })).join(), /^ingress\.serviceType: is LoadBalancer, but/);
  });

  it("is not there beside k3s's own", () => {
    assert.deepEqual(errors(having({ site }, { k3s: {} })), [
      "k3s.disable: does not name servicelb, which would give addresses to the same services as addons.metallb; write disable: [servicelb], beside what stands there",
    ]);
  });

  it("has addresses to give, which MetalLB can read", () => {
    assert.deepEqual(errors(having({})), [
      "addons.metallb.pools: has no pool, so no service gets an address; write one, e.g. site: { addresses: [192.168.10.240-192.168.10.250] }",
    ]);
    const addresses = [
      "192.168.10.9",
      "192.168.10.9-192.168.10.1",
      "10.0.0.0/33",
      "10.0.0.1-fd00::1",
      "a-b",
      "1.2.3.4-",
    ];
    assert.deepEqual(
      errors(having({ site: { addresses } })),
      addresses.map(
        (text, index) =>
          `addons.metallb.pools.site.addresses[${String(index)}]: "${text}" is neither a block nor a range of addresses; write one like 192.168.10.0/28 or 192.168.10.240-192.168.10.250, the lower address first`,
      ),
    );
    assert.deepEqual(errors(having({ site: { addresses: ["fd00:9::/120", " 10.9.0.1 - 10.9.0.1 "] } })), []);
  });

  it("gives no address twice, and none that somebody has", () => {
    const pools = {
      site: { addresses: ["10.0.0.1-10.0.0.99"] },
      rack: { addresses: ["10.0.0.64/30", "10.42.7.0/24"] },
    };
    assert.deepEqual(errors(having(pools)), [
      "addons.metallb.pools.rack.addresses[0]: 10.0.0.64/30 shares addresses with addons.metallb.pools.site.addresses[0]; write each address once",
      "addons.metallb.pools.site.addresses[0]: 10.0.0.1-10.0.0.99 has 10.0.0.11 of node s1; leave it out of the pool",
      "addons.metallb.pools.rack.addresses[1]: 10.42.7.0/24 shares addresses with network.podCidr; write addresses of the site's network",
    ]);
  });

  it("says what a broken setting is, once, and where a name is not known", () => {
    const raw = stack({ addons: { metallb: { pools: { site: { adresses: [] } } }, metalb: {} }, k3s });
    assert.deepEqual(errors(raw), [
      "addons.metalb: is not a setting; did you mean metallb?",
      "addons.metallb.pools.site.adresses: is not a setting; did you mean addresses?",
    ]);
  });

  it("has its line in the summary, and a namespace that nobody else makes", () => {
    const { summary } = desiredOf({ addons: { metallb: { pools: { site } } } });
    assert.deepEqual(
      summary.find(({ label }) => label === "load balancer")?.text,
      `metallb ${metallb.chart?.version ?? ""}; site 192.168.10.240-192.168.10.250`,
    );
    assert.deepEqual(errors(having({ site }, { namespaces: { "metallb-system": {} } })), [
      "namespaces.metallb-system: is made by addons.metallb already; leave it out of namespaces",
    ]);
  });

  it("is not taken away without a word", async () => {
    const dev = stackText("dev");
    const more = `config:\n  groundwork:addons: ${JSON.stringify({ metallb: { pools: { site } } })}`;
    const withIt = edited(dev, ["config:", more]);
    assert.deepEqual(riskyChanges(await planOf(withIt), await planOf(dev)), [
      {
        what: "metallb is uninstalled",
        happens: "its pools go with it, and services of type LoadBalancer lose their addresses",
        remedy: "give what is reached through them another way in first",
      },
    ]);
  });
});

describe("ranges of addresses", () => {
  it("overlap where they share an address, however they are written", () => {
    const inside: [string, string, boolean][] = [
      ["10.0.0.0/24", "10.0.0.255-10.0.1.3", true],
      ["10.0.0.128/24", "10.0.0.5-10.0.0.9", true],
      ["10.0.0.0-10.0.0.9", "10.0.0.10-10.0.0.11", false],
      ["10.0.0.0/8", "10.200.0.0/16", true],
      ["fd00::/64", "fd00::5-fd00::9", true],
      ["fd00::/64", "10.0.0.0/8", false],
    ];
    for (const [one, other, expected] of inside) {
      assert.equal(rangesOverlap(range(one), range(other)), expected, `${one} ${other}`);
      assert.equal(rangesOverlap(range(other), range(one)), expected, `${other} ${one}`);
    }
  });

  it("are announced on all interfaces unless some are named", () => {
    assert.deepEqual(advertisementSpec("site", { ...site, autoAssign: true, interfaces: [] }), {
      ipAddressPools: ["site"],
    });
  });
});
