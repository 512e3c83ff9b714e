"use strict";
/** Stops the local Azure at the end of the job, also of a failed one. */
const { existsSync, readFileSync } = require("node:fs");
const { setTimeout: pause } = require("node:timers/promises");

/** Seconds that it gets for the requests in progress. */
const TIMEOUT_SECONDS = 10;

async function main() {
  const { STATE_pid: pid, STATE_log: log } = process.env;
  if (!pid) return;
  try {
    process.kill(Number(pid), "SIGTERM");
    // Signal 0 throws as soon as the process is gone.
    for (let waited = 0; waited < TIMEOUT_SECONDS; waited += 0.1) {
      process.kill(Number(pid), 0);
      await pause(100);
    }
    process.kill(Number(pid), "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
  if (log && existsSync(log)) process.stdout.write(readFileSync(log));
}

main();
