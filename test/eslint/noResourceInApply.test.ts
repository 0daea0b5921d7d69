import { RuleTester } from "eslint";
import * as path from "node:path";
import * as tseslint from "typescript-eslint";
import { noResourceInApply } from "../../eslint/noResourceInApply";

// Parts of the SDK, not all of it: reading types is nearly all the time that these tests take.
const PRELUDE = `
import * as pulumi from "@pulumi/pulumi/output";
import { ComponentResource, CustomResource } from "@pulumi/pulumi/resource";
declare class RandomPet extends CustomResource {
  constructor(name: string);
  static get(name: string, id: pulumi.Input<string>): RandomPet;
}
declare const name: pulumi.Output<string>;
`;

/** A project of one file: the checkout's own would be read as a whole first. */
const PROJECT = path.join(__dirname, "fixtures");

/** A case's code after the imports that all share, as if it stood in that file. */
const inProject = (code: string): { code: string; filename: string } => ({
  code: PRELUDE + code,
  filename: path.join(PROJECT, "case.ts"),
});

const tester = new RuleTester({
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: {
      projectService: true,
      tsconfigRootDir: PROJECT,
    },
  },
});

const created = [{ messageId: "resource" }];

describe("eslint", function () {
  // The first case reads the types; a machine that compiles something else at the same time takes its time.
  this.timeout(90_000);

  tester.run("no-resource-in-apply", noResourceInApply as unknown as Parameters<RuleTester["run"]>[1], {
    valid: [
      {
        name: "a resource beside apply",
        code: `const shown = name.apply((text) => text); new RandomPet(shown as never);`,
      },
      { name: "an ordinary object inside apply", code: `name.apply((text) => new Map([[text, new Date()]]));` },
      {
        name: "apply of a function, not of an Output",
        code: `function make(): void { new RandomPet("a"); } make.apply(undefined);`,
      },
      {
        name: "a function that no apply calls",
        code: `function make(): void { new RandomPet("a"); } make(); name.apply((text) => text.trim());`,
      },
      { name: "a class of one's own called Resource", code: `class Resource {} name.apply(() => new Resource());` },
      {
        name: "get of a map that holds resources",
        code: `declare const all: Map<string, RandomPet>; name.apply((text) => all.get(text));`,
      },
      {
        name: "a resource as the receiver's argument",
        code: `pulumi.all([new RandomPet("a").id]).apply(([id]) => id);`,
      },
    ].map((one) => ({ ...one, ...inProject(one.code) })),
    invalid: [
      { name: "in the callback", code: `name.apply((text) => new RandomPet(text));`, errors: created },
      {
        name: "in the callback of all",
        code: `pulumi.all([name]).apply(([text]) => { new RandomPet(text); });`,
        errors: created,
      },
      {
        name: "in the callback of output",
        code: `pulumi.output("a").apply(function (text) { return new RandomPet(text); });`,
        errors: created,
      },
      { name: "in a computed call", code: `name["apply"]((text) => new RandomPet(text));`, errors: created },
      {
        name: "in a loop's function inside the callback",
        code: `name.apply((text) => text.split(",").map((one) => new RandomPet(one)));`,
        errors: created,
      },
      {
        name: "in a component's subclass",
        code: `class Site extends ComponentResource {} class Big extends Site {} name.apply((text) => new Big("t", text));`,
        errors: created,
      },
      {
        name: "in a named function given to apply",
        code: `function make(text: string): void { new RandomPet(text); } name.apply(make);`,
        errors: created,
      },
      {
        name: "in functions that the callback calls through one another",
        code: `
        const inner = (text: string): RandomPet => new RandomPet(text);
        function outer(text: string): void { inner(text); }
        name.apply((text) => { outer(text); });`,
        errors: created,
      },
      {
        name: "an optional chain",
        code: `declare const maybe: pulumi.Output<string> | undefined; maybe?.apply((text) => new RandomPet(text));`,
        errors: created,
      },
      {
        name: "get of an existing resource",
        code: `name.apply((id) => RandomPet.get("a", id));`,
        errors: [{ messageId: "lookup" }],
      },
      {
        name: "with a message that names the class",
        code: `name.apply((text) => { new RandomPet(text); });`,
        errors: [
          {
            message:
              "RandomPet is created inside apply: a preview with an unknown value does not show it. " +
              "Create it outside and pass the Output as an input.",
          },
        ],
      },
    ].map((one) => ({ ...one, ...inProject(one.code) })),
  });
});
