"use strict";

const { reporters, Runner } = require("mocha");
const { progress } = require("../../bootstrap/progress.cjs");

const { EVENT_RUN_BEGIN, EVENT_RUN_END, EVENT_SUITE_BEGIN, EVENT_TEST_END } = Runner.constants;

/**
 * Mocha's own `spec` reporter for test files that run side by side. Their results come a whole file at a time; in between
 * a line shows that work goes on.
 */
module.exports = class LevelReporter extends reporters.Spec {
  constructor(runner, options) {
    let line = null;
    let done = 0;
    const wait = () => {
      // Every file would begin a line of its own in a log.
      line = progress("End-to-end tests", process.stderr.isTTY ? {} : { quietMs: 20_000 });
      line.update(`${done} done`);
    };
    const rest = () => {
      line?.quiet();
      line = null;
    };
    // Registered before the listeners of `spec`, so that its lines find this one gone.
    runner.on(EVENT_RUN_BEGIN, wait);
    runner.on(EVENT_SUITE_BEGIN, () => {
      // A file's events come in one go; after them it is waiting again.
      if (line !== null) setImmediate(wait);
      rest();
    });
    runner.on(EVENT_TEST_END, () => {
      done += 1;
    });
    runner.on(EVENT_RUN_END, () => setImmediate(rest));
    super(runner, options);
  }
};
