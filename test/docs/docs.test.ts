import * as assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { DOORS, MAY_IMPORT } from "../../eslint/direction";
import { commandsOf, problemOf } from "./commands";
import { anchorsOf, documentsIn, headingsOf, linksOf, ROOT, shellLinesOf, type Place } from "./markdown";

/** What people are told to type. */
const GUIDES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...documentsIn("docs"), "lab/README.md"];

const at = ({ file, line }: Place): string => `${file}:${line}`;

describe("the documents", () => {
  for (const file of documentsIn()) {
    it(`link to what is there: ${file}`, () => {
      const dead = linksOf(file).filter(({ text }) => {
        const [path = "", anchor] = text.split("#");
        const target = path === "" ? file : join(dirname(file), decodeURIComponent(path));
        if (!existsSync(join(ROOT, target))) return true;
        return anchor !== undefined && target.endsWith(".md") && !anchorsOf(relative("", target)).includes(anchor);
      });
      assert.deepEqual(
        dead.map((link) => `${at(link)}: ${link.text}`),
        [],
      );
    });
  }

  for (const file of GUIDES) {
    it(`name commands that can be typed: ${file}`, () => {
      const wrong = shellLinesOf(file).flatMap((line) =>
        commandsOf(line.text).flatMap((words) => {
          const problem = problemOf(words);
          return problem === undefined ? [] : [`${at(line)}: ${words.join(" ")}: ${problem}`];
        }),
      );
      assert.deepEqual(wrong, []);
    });
  }

  it("are read for commands in fences and within the text", () => {
    const found = GUIDES.flatMap(shellLinesOf).flatMap(({ text }) => commandsOf(text).map((words) => words.join(" ")));
    for (const command of ["npx groundwork lab down", "npm run plan -- --stack dev --against HEAD", "pulumi destroy"]) {
      assert.ok(found.includes(command), command);
    }
  });

  it("would not get by with a command that cannot be typed", () => {
    const wrong = [
      "npx groundwork plan --stak dev",
      "KUBECONFIG=x npx groundwork lab ssh # no host",
      "npm ci && npm run paln",
      "npm run plan -- --format yaml > out",
      "npm run plan --stack dev",
      "npx groundwork lab upp …",
      "pulumi stack delete dev",
      "pulumi up --yess",
      "npx no-such-program",
    ];
    assert.deepEqual(
      wrong.filter((line) => commandsOf(line).every((words) => problemOf(words) === undefined)),
      [],
    );
  });

  it("tell of every room in docs/architecture.md", () => {
    // A room within a folder is told of with it.
    const whole = Object.keys(MAY_IMPORT).filter((room) => !room.includes("/"));
    const rooms = [...whole, ...DOORS].filter((room) => {
      const folder = join(ROOT, room);
      return existsSync(folder) && statSync(folder).isDirectory();
    });
    const headings = headingsOf("docs/architecture.md").join("\n");
    assert.deepEqual(
      rooms.filter((room) => !headings.includes(`\`${room}/\``)),
      [],
      "each folder of eslint/direction.ts has a heading and a paragraph there",
    );
  });

  it("explain each word once, in order, in docs/glossary.md", () => {
    const text = readFileSync(join(ROOT, "docs", "glossary.md"), "utf8");
    const words = [...text.matchAll(/^- \*\*([^*]+)\*\*/gm)].map(([, word = ""]) => word);
    assert.ok(words.length > 0);
    assert.deepEqual(
      words,
      [...new Set(words)].sort((a, b) => a.localeCompare(b, "en")),
    );
  });
});
