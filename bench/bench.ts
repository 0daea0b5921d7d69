// `npm run bench`: figures of the plan. `npm run bench -- lab`: figures of a lab. `npm run bench -- hosts`: figures of the host program.
// `npm run bench -- report`: figures of the report on a pull request. `npm run bench -- service`: kills of the service; with
// `--answers`: how quick it is.
// `npm run bench -- fleet`: figures of a change on many stacks.
/* eslint-disable @typescript-eslint/no-require-imports -- each set of figures loads only what it measures */
if (process.argv[2] === "lab") require("../lab/bench/lab");
else if (process.argv[2] === "hosts") require("./hosts");
else if (process.argv[2] === "report") require("./report");
else if (process.argv[2] === "fleet") require("./fleet");
else if (process.argv[2] === "service") require(process.argv[3] === "--answers" ? "./serviceAnswers" : "./service");
else require("./plan");
