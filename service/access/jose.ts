import type * as module from "jose" with { "resolution-mode": "import" };

/** It is an ECMAScript module only. Node can require those from 22.13 on, which TypeScript does not know for modules of our form. */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
export const jose = require("jose") as typeof module;
