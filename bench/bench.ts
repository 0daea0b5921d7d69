// `npm run bench`: figures of the plan. `npm run bench -- lab`: figures of a lab.
/* eslint-disable @typescript-eslint/no-require-imports -- each set of figures loads only what it measures */
if (process.argv[2] === "lab") require("./lab");
else require("./plan");
