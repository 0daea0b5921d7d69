import assert from "node:assert/strict";
import * as fc from "fast-check";
import { deletionOrder } from "../../engine/deletions";
import { randomExecutors } from "../../engine/random";
import type { ResourceState } from "../../engine/state";
import { needsOf } from "../../engine/step";

const resource = (name: string, more: Partial<ResourceState> = {}): ResourceState => {
  const base = {
    urn: name,
    type: "t",
    name,
    custom: true,
    dependencies: [],
    propertyDependencies: {},
    inputs: {},
    outputs: {},
  };
  const flags = {
    protect: false,
    retainOnDelete: false,
    replaced: false,
    awaitsReplacement: false,
    interrupted: false,
  };
  return { ...base, ...flags, ...more };
};

describe("the order of deletions", () => {
  it("takes children, dependents, and what lives on another before it, and the provider last", () => {
    const order = deletionOrder(
      [
        resource("host"),
        resource("provider"),
        resource("namespace", { provider: "provider::id", deletedWith: "host" }),
        resource("component"),
        resource("child", { parent: "component", propertyDependencies: { x: ["namespace"] } }),
      ],
      needsOf,
    ).map(({ name }) => name);
    assert.deepEqual(order.indexOf("child"), 0);
    assert.ok(order.indexOf("child") < order.indexOf("component"));
    assert.ok(order.indexOf("namespace") < Math.min(order.indexOf("host"), order.indexOf("provider")));
  });

  it("has every resource once, after all that need it", () => {
    const graph = fc
      .array(fc.array(fc.nat(19), { maxLength: 4 }), { minLength: 1, maxLength: 20 })
      .map((edges) =>
        edges.map((needs, at) =>
          resource(`r${at}`, { dependencies: needs.filter((to) => to < at).map((to) => `r${to}`) }),
        ),
      );
    fc.assert(
      fc.property(graph, (resources) => {
        const order = deletionOrder(resources, needsOf);
        assert.deepEqual([...order].map(({ name }) => name).sort(), resources.map(({ name }) => name).sort());
        for (const [at, one] of order.entries()) {
          for (const later of order.slice(at + 1)) {
            assert.ok(!later.dependencies.includes(one.urn), `${one.urn} before ${later.urn}`);
          }
        }
      }),
    );
  });

  it("comes to an end even where older records need each other", () => {
    const order = deletionOrder(
      [resource("a", { dependencies: ["b"] }), resource("b", { dependencies: ["a"] })],
      needsOf,
    );
    assert.equal(order.length, 2);
  });
});

describe("random values", () => {
  const make = async (type: string, inputs: Record<string, unknown>) =>
    (
      await randomExecutors[type]!.create({
        urn: "",
        name: "r",
        type,
        inputs,
        wasCutOff: false,
        print: () => undefined,
      })
    ).outputs;

  it("have the length and the letters that are asked for", async () => {
    const password = "random:index/randomPassword:RandomPassword";
    const plain = (await make(password, { length: 40, special: false }))["result"] as string;
    assert.match(plain, /^[A-Za-z0-9]{40}$/);
    const strict = (await make(password, { length: 12, minNumeric: 4, minSpecial: 3, overrideSpecial: "_%" }))[
      "result"
    ] as string;
    assert.equal(strict.length, 12);
    assert.ok(strict.replace(/[^0-9]/g, "").length >= 4 && strict.replace(/[^_%]/g, "").length >= 3, strict);
    const id = await make("random:index/randomId:RandomId", { byteLength: 4, prefix: "lab-" });
    assert.match(id["hex"] as string, /^lab-[0-9a-f]{8}$/);
  });
});
