import * as assert from "node:assert/strict";
import { problemLine } from "../../config/problem";
import { completeFleets, fleetsSchema } from "../../service/settings/fleetSettings";

describe("the fleets of the service's file", () => {
  const stacks = ["dev", "staging", "prod-a", "prod-b", "prod-c"];
  const read = (fleet: object): { waves: unknown; problems: string[] } => {
    const { fleets, problems } = completeFleets(fleetsSchema.parse({ all: fleet }), stacks);
    return { waves: fleets.get("all")?.waves, problems: problems.map(problemLine) };
  };

  it("have waves of names and globs; a glob takes what nobody else does", () => {
    assert.deepEqual(read({ waves: [["dev"], ["prod-*"], ["*", "prod-b"]] }), {
      waves: [["dev"], ["prod-a", "prod-c"], ["staging", "prod-b"]],
      problems: [],
    });
  });

  it("are divided by sizes: one, a tenth, half and the others where nothing is said", () => {
    assert.deepEqual(read({ stacks: ["dev", "*"] }).waves, [["dev"], ["staging", "prod-a"], ["prod-b", "prod-c"]]);
    assert.deepEqual(read({ stacks: ["prod-*"], sizes: ["50%"] }).waves, [["prod-a", "prod-b"], ["prod-c"]]);
  });

  it("work on four stacks at once and bear no failure, unless the file says otherwise", () => {
    const { fleets } = completeFleets(fleetsSchema.parse({ all: { stacks: ["dev"] } }), stacks);
    assert.deepEqual(fleets.get("all"), { name: "all", waves: [["dev"]], atOnce: 4, mayFail: 0, gate: undefined });
  });

  it("say all that is wrong with them", () => {
    const name = "name each stack once, by its name in 'stacks' or by a glob";
    assert.deepEqual(read({ waves: [["dev", "prdo"], ["dev"], ["test-*"], ["prod-*"], ["prod-*"]] }).problems, [
      `fleets.all.waves[0][1]: 'prdo' is no stack of the service; ${name}`,
      `fleets.all.waves[1][0]: 'dev' adds no stack that is not there already; ${name}`,
      `fleets.all.waves[2][0]: 'test-*' matches no stack of the service; ${name}`,
      `fleets.all.waves[4][0]: 'prod-*' adds no stack that is not there already; ${name}`,
    ]);
    const either = "give 'waves' with the stacks of each, or 'stacks' that are divided by 'sizes'";
    assert.deepEqual(read({}).problems, [`fleets.all: has no stacks; ${either}`]);
    assert.deepEqual(read({ stacks: ["dev"], waves: [["dev"]] }).problems, [
      `fleets.all: has waves and stacks; ${either}`,
    ]);
    assert.equal(fleetsSchema.safeParse({ all: { stacks: ["dev"], sizes: ["200%"] } }).success, false);
  });
});
