"use strict";
// Where a worker thread of bulk issuing starts: a new thread knows no TypeScript.
require("../../bootstrap/typescript.cjs");
require("./workerThread.ts");
