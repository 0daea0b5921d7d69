import pulumi from "@pulumi/eslint-plugin";
import { createRequire } from "node:module";
import tseslint from "typescript-eslint";

const require = createRequire(import.meta.url);
require("./bin/typescript.js");
const { noResourceInApply } = require("./eslint/noResourceInApply.ts");
const { importDirection } = require("./eslint/direction.ts");
const { noCircle } = require("./eslint/noCircle.ts");
const { standardWords } = require("./eslint/standardWords.ts");

/** Folders whose files talk to a person or start processes: they may print, read the environment and end the process. */
const AT_THE_DOOR = ["cli/**", "lab/**", "bench/**", "examples/**", "scripts/**", "test/**"];

/** The loader under bin/ has no interoperation with default imports, and a name can be searched for. */
const NO_DEFAULT_IMPORT = {
  selector: "ImportDefaultSpecifier",
  message: "Import by name, or `* as name`: bin/typescript.js gives no default imports.",
};

export default tseslint.config(
  { ignores: ["node_modules/", "dist/", "coverage/", ".cache/", "lab/hollow-k3s/", "**/*.js", "**/*.mjs"] },
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: {
      "@pulumi": pulumi,
      local: {
        rules: {
          "no-resource-in-apply": noResourceInApply,
          "import-direction": importDirection,
          "no-circle": noCircle,
          "standard-words": standardWords,
        },
      },
    },
    rules: {
      "@pulumi/no-output-in-template-literal": "error",
      "@pulumi/no-output-instance-in-template-literal": "error",
      "local/no-resource-in-apply": "error",
      "local/import-direction": "error",
      "local/no-circle": "error",
      "local/standard-words": "error",
      "max-lines": ["error", 300],

      "@typescript-eslint/strict-boolean-expressions": ["error", { allowString: false, allowNumber: false }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-base-to-string": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "inline-type-imports", disallowTypeAnnotations: false },
      ],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // There are no enums (erasableSyntaxOnly).
      "@typescript-eslint/no-unsafe-enum-assignment": "off",
      "@typescript-eslint/no-unsafe-enum-comparison": "off",
      // Noise: a void call as an arrow's body, and the keys of records that are not properties anyone declared.
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/dot-notation": "off",
      // Matters of taste, and of code that handles data whose keys it does not know.
      "@typescript-eslint/consistent-indexed-object-style": "off",
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/no-dynamic-delete": "off",
      "@typescript-eslint/no-meaningless-void-operator": "off",
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // A component exists for what its constructor registers.
      "no-new": "off",
      "@typescript-eslint/no-extraneous-class": "off",

      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "no-console": "error",
      "no-control-regex": "error",
      "no-param-reassign": "error",
      "no-restricted-exports": [
        "error",
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
      "no-restricted-properties": [
        "error",
        {
          object: "process",
          property: "env",
          message: "Only cli/ and other doors read the environment; take it as an argument.",
        },
        { object: "process", property: "exit", message: "Throw, or set process.exitCode at the door." },
      ],
      "no-restricted-syntax": ["error", NO_DEFAULT_IMPORT],
    },
  },
  { files: AT_THE_DOOR, rules: { "no-console": "off", "no-restricted-properties": "off" } },
  {
    // What a test looks at, it has made itself.
    files: ["test/**", "lab/test/**"],
    rules: {
      "@typescript-eslint/explicit-module-boundary-types": "off",
      "@typescript-eslint/strict-boolean-expressions": "off",
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/require-await": "off",
      "no-restricted-syntax": "off",
    },
  },
);
