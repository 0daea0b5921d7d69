import { logged, plainOutput, type ConformanceCase } from "./case";
import {
  chain,
  onlyNew,
  updates,
  triggered,
  deletesFirst,
  guarded,
  inherited,
  hosted,
  rehosted,
  renamed,
  deletedBy,
  ignoring,
  replacedOnChange,
  secrets,
  failing,
} from "./programs";

export const cases: readonly ConformanceCase[] = [
  {
    name: "creates in the program's order, changes nothing the second time, deletes in reverse order",
    steps: [
      {
        does: "up",
        program: chain,
        operations: ["create a", "create b", "create c"],
        log: ["a create", "b create", "c create"],
        outputs: { last: plainOutput("c-out") },
      },
      { does: "preview", program: chain, operations: [], log: [] },
      { does: "up", program: chain, operations: [], log: [], outputs: { last: plainOutput("c-out") } },
      { does: "destroy", operations: ["delete a", "delete b", "delete c"], log: ["c delete", "b delete", "a delete"] },
    ],
  },
  {
    name: "update runs update, or create where there is none; stdout is the last run's",
    steps: [
      { does: "up", program: updates("1", true), operations: ["create a"], log: ["a create1"] },
      { does: "preview", program: updates("2", true), operations: ["update a"], log: [] },
      {
        does: "up",
        program: updates("2", true),
        operations: ["update a"],
        log: ["a update2"],
        outputs: { out: plainOutput("updated2") },
      },
      {
        does: "up",
        program: updates("3", false),
        operations: ["update a"],
        log: ["a create3"],
        outputs: { out: plainOutput("a-out3") },
      },
    ],
  },
  {
    name: "a trigger replaces: creates the new one, deletes the old one with its own recorded command",
    steps: [
      { does: "up", program: triggered("1"), operations: ["create a"], log: ["a create1"] },
      { does: "preview", program: triggered("2"), operations: ["replace a"], log: [] },
      { does: "up", program: triggered("2"), operations: ["replace a"], log: ["a create2", "a delete1"] },
      { does: "up", program: triggered("2"), operations: [], log: [] },
    ],
  },
  {
    name: "deleteBeforeReplace deletes first, and with it whom the change forces to be replaced",
    steps: [
      {
        does: "up",
        program: deletesFirst("1"),
        operations: ["create a", "create b", "create c"],
        log: ["a create1", "b create1", "c create"],
      },
      {
        does: "up",
        program: deletesFirst("2"),
        operations: ["replace a", "replace b"],
        log: ["b delete1", "a delete1", "a create2", "b create2"],
      },
    ],
  },
  {
    name: "what the program leaves out is deleted after everything else, dependents first",
    steps: [
      { does: "up", program: chain, operations: ["create a", "create b", "create c"] },
      { does: "preview", program: onlyNew, operations: ["create z", "delete b", "delete c"], log: [] },
      {
        does: "up",
        program: onlyNew,
        operations: ["create z", "delete b", "delete c"],
        log: ["z create", "c delete", "b delete"],
      },
    ],
  },
  {
    name: "protect: refuses deletion and replacement until it is taken away",
    steps: [
      { does: "up", program: guarded("1", true), operations: ["create a"], log: ["a create1"] },
      { does: "up", program: guarded("2", true), operations: [], log: [], fails: /marked for protection/ },
      { does: "up", program: () => undefined, operations: [], log: [], fails: /cannot be deleted[\s\S]*protected/ },
      { does: "destroy", operations: [], log: [], fails: /cannot be deleted[\s\S]*protected/ },
      { does: "up", program: guarded("1", false), operations: [], log: [] },
      { does: "up", program: () => undefined, operations: ["delete a"], log: ["a delete1"] },
    ],
  },
  {
    name: "a component hands protect, retainOnDelete and deletedWith on to its children",
    steps: [
      { does: "up", program: inherited(true), operations: ["create g", "create a"], log: ["a create"] },
      { does: "up", program: () => undefined, operations: [], log: [], fails: /protected/ },
      { does: "up", program: inherited(false), operations: [], log: [] },
      { does: "up", program: () => undefined, operations: ["delete a", "delete g"], log: [] },
    ],
  },
  {
    name: "retainOnDelete forgets without deleting",
    steps: [
      {
        does: "up",
        program: (bed) => void logged(bed, "a", {}, { retainOnDelete: true }),
        operations: ["create a"],
        log: ["a create"],
      },
      { does: "up", program: () => undefined, operations: ["delete a"], log: [] },
    ],
  },
  {
    name: "deletedWith: what lives on a deleted resource is not deleted by itself",
    steps: [
      { does: "up", program: hosted, operations: ["create a", "create b"], log: ["a create", "b create"] },
      { does: "destroy", operations: ["delete a", "delete b"], log: ["a delete"] },
    ],
  },
  {
    name: "deletedWith: what lives on a resource that is deleted before its replacement is made again with it",
    steps: [
      { does: "up", program: rehosted("1"), operations: ["create a", "create b"], log: ["a create1", "b create"] },
      {
        does: "up",
        program: rehosted("2"),
        operations: ["replace a", "replace b"],
        log: ["a delete1", "a create2", "b create"],
      },
    ],
  },
  {
    name: "an alias takes over what was made under another name",
    steps: [
      {
        does: "up",
        program: renamed("old", []),
        operations: ["create old", "create user"],
        log: ["x create", "user create"],
      },
      { does: "preview", program: renamed("new", ["old"]), operations: [], log: [] },
      { does: "up", program: renamed("new", ["old"]), operations: [], log: [] },
      { does: "destroy", operations: ["delete new", "delete user"], log: ["user delete", "x delete"] },
    ],
  },
  {
    name: "a changed delete command is an update, and is the one that counts",
    steps: [
      { does: "up", program: deletedBy("1"), operations: ["create a"], log: ["a create"] },
      { does: "up", program: deletedBy("2"), operations: ["update a"], log: ["a create"] },
      { does: "up", program: () => undefined, operations: ["delete a"], log: ["a gone2 with a-out"] },
    ],
  },
  {
    name: "two resources of one URN are refused",
    steps: [
      {
        does: "up",
        program: (bed) => {
          const a = logged(bed, "a", {});
          logged(bed, "a", {}, { dependsOn: a });
        },
        operations: [],
        fails: /Duplicate resource URN/,
      },
    ],
  },
  {
    name: "ignoreChanges keeps what is recorded, down to a nested property",
    steps: [
      { does: "up", program: ignoring("1", "x1"), operations: ["create a"], log: ["a create1"] },
      { does: "up", program: ignoring("1", "x2"), operations: [], log: [] },
      {
        does: "up",
        program: ignoring("2", "x3"),
        operations: ["update a"],
        log: ["a create2"],
        outputs: { kept: plainOutput("x1") },
      },
    ],
  },
  {
    name: "replaceOnChanges makes an update a replacement",
    steps: [
      { does: "up", program: replacedOnChange("1"), operations: ["create a"], log: ["a create1"] },
      { does: "up", program: replacedOnChange("2"), operations: ["replace a"], log: ["a create2", "a delete1"] },
    ],
  },
  {
    name: "secrets: additionalSecretOutputs and what is derived from a secret stay secret in the outputs",
    steps: [
      {
        does: "up",
        program: secrets,
        operations: ["create a", "create p"],
        outputs: {
          out: { value: "a-out", secret: true },
          length: { value: 20, secret: true },
          open: plainOutput("shown"),
        },
      },
      { does: "up", program: secrets, operations: [], log: [] },
    ],
  },
  {
    name: "a failed command stops what depends on it and all deletions; the next run goes on from there",
    steps: [
      { does: "up", program: (bed) => void logged(bed, "old"), operations: ["create old"], log: ["old create"] },
      {
        does: "up",
        program: failing(true),
        operations: ["create a", "create b"],
        log: ["a create"],
        fails: /exit status 3[\s\S]*no such luck/,
      },
      {
        does: "up",
        program: failing(false),
        operations: ["create b", "create c", "delete old"],
        log: ["b create", "c create", "old delete"],
      },
    ],
  },
  {
    name: "a failed update keeps the old record and is tried again",
    steps: [
      { does: "up", program: (bed) => void logged(bed, "a", { update: "true", stdin: "1" }), operations: ["create a"] },
      {
        does: "up",
        program: (bed) => void logged(bed, "a", { update: "exit 7", stdin: "2" }),
        operations: ["update a"],
        fails: /exit status 7/,
      },
      { does: "up", program: (bed) => void logged(bed, "a", { update: "true", stdin: "2" }), operations: ["update a"] },
      { does: "up", program: (bed) => void logged(bed, "a", { update: "true", stdin: "2" }), operations: [] },
    ],
  },
];
