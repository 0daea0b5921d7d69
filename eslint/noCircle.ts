import { ESLintUtils } from "@typescript-eslint/utils";
import { eachImport, importedFiles, inCheckout } from "./imports";

const known = new Map<string, readonly string[]>();

/** What a file on disk imports; read once a run. */
function imports(file: string): readonly string[] {
  const found = known.get(file) ?? importedFiles(file);
  known.set(file, found);
  return found;
}

/** The way along imports from one file to another; undefined where there is none. */
export function wayBetween(from: string, to: string): readonly string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  for (const file of cameFrom.keys()) {
    if (file === to) {
      const way: string[] = [];
      for (let at: string | undefined = file; at !== undefined; at = cameFrom.get(at)) way.unshift(at);
      return way;
    }
    for (const next of imports(file)) if (!cameFrom.has(next)) cameFrom.set(next, file);
  }
  return undefined;
}

/** Reports each import that closes a circle; an import of types counts as any other. */
export const noCircle = ESLintUtils.RuleCreator.withoutDocs<[], "circle">({
  meta: {
    type: "problem",
    docs: { description: "Disallow imports in a circle" },
    messages: { circle: "Imports go in a circle: {{way}}." },
    schema: [],
    defaultOptions: [],
  },
  create(context) {
    const file = inCheckout(context.filename);
    return eachImport((node, specifier) => {
      const [target] = importedFiles(file, `import "${specifier}";`);
      const way = target === undefined ? undefined : wayBetween(target, file);
      if (way !== undefined) context.report({ node, messageId: "circle", data: { way: [file, ...way].join(" → ") } });
    });
  },
});
