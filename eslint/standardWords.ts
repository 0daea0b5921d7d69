import { ESLintUtils, type TSESTree } from "@typescript-eslint/utils";

/** Words that were names here, and the field's own term for each. */
/* eslint-disable local/standard-words -- here they stand */
export const STANDARD_WORDS: Readonly<Record<string, string>> = {
  bitingChanges: "riskyChanges",
  check_twins: "check_machine_ids",
  condemned: "pending replacement",
  cutBluntly: "truncate",
  encryptedInVain: "needlesslyEncrypted",
  heard: "received",
  pretend: "ephemeral",
  RETOLD_OUTPUTS: "REPEATED_OUTPUTS",
  Surroundings: "context",
  told: "given, shown or reported",
};
/* eslint-enable local/standard-words */

/** Reports names, and words in quotes, that have a standard term. */
export const standardWords = ESLintUtils.RuleCreator.withoutDocs<[], "word">({
  meta: {
    type: "suggestion",
    docs: { description: "Name things by the field's own terms" },
    messages: { word: "'{{word}}' has a standard term: {{term}}." },
    schema: [],
    defaultOptions: [],
  },
  create(context) {
    const check = (node: TSESTree.Node, word: unknown): void => {
      const term = typeof word === "string" && Object.hasOwn(STANDARD_WORDS, word) ? STANDARD_WORDS[word] : undefined;
      if (term !== undefined) context.report({ node, messageId: "word", data: { word: String(word), term } });
    };
    return {
      Identifier: (node) => check(node, node.name),
      PrivateIdentifier: (node) => check(node, node.name),
      Literal: (node) => check(node, node.value),
    };
  },
});
