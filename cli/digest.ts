import type { Command } from "commander";
import { GroundworkError } from "../config/groundworkError";
import { approvedDigest } from "../pullRequest/approved";
import { forgeOf, onForge, saying, TOKEN_HELP, type ForgeRequest } from "./onForge";
import type { VerbContext } from "./verb";

const DESCRIPTION = [
  "Print the digest of what was approved for a stack: that of the live preview in the comment on the pull request that was merged as a " +
    "commit. 'plan --live FILE --expect DIGEST' holds an 'up' to it.",
  "The digest is the same again exactly where the same would be done: the same lines of the same resources, the same machines restarted " +
    "and drained in the same order. A secret counts by that it changes.",
].join("\n\n");

const HELP_END = `
${TOKEN_HELP}

Examples:
  groundwork digest --stack prod --merged-as "$(git rev-parse HEAD)"
  groundwork plan --stack prod --live preview.json --expect "$(groundwork digest --stack prod --merged-as "$SHA")"
`;

interface DigestRequest extends ForgeRequest {
  readonly stack?: string;
  readonly mergedAs?: string;
  readonly key: string;
}

/** `groundwork digest`. */
export function addDigest(program: Command, { terminal }: VerbContext): void {
  const command = program
    .command("digest")
    .summary("print the digest of what was approved on a pull request")
    .description(DESCRIPTION)
    .option("-s, --stack <name>", "the stack")
    .option("--merged-as <commit>", "the commit as which the pull request was merged, whole (40 digits)");
  onForge(command, "comments")
    .option("--key <key>", "the key of the comment", "plan")
    .addHelpText("after", HELP_END)
    .allowExcessArguments(false)
    .action((request: DigestRequest) =>
      saying("digest", async () => {
        const { stack, mergedAs: commit, key, author: authors } = request;
        if (stack === undefined || commit === undefined) {
          throw new GroundworkError(
            "usage",
            "write --stack and --merged-as, the commit as which the pull request was merged",
          );
        }
        if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(commit)) {
          throw new GroundworkError("usage", "--merged-as: write all 40 digits of the commit");
        }
        const forge = forgeOf(request, terminal.env);
        terminal.out(`${await approvedDigest(forge, fetch, { commit, stack, key, authors })}\n`);
      }),
    );
}
