"use strict";

// On a terminal one line is rewritten; elsewhere (CI, a pipe) a line is printed at the start and then rarely. Always on
// stderr: stdout is for the output of a command (`npm run -s env`).
const QUIET_MS = 1000;
const TERMINAL_MS = 500;
const PIPE_MS = 20000;

function seconds(ms) {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 59500) return `${Math.round(ms / 1000)} s`;
  const whole = Math.round(ms / 1000);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function progress(label, options) {
  const { stream = process.stderr, now = Date.now, expected, quietMs = QUIET_MS } = options || {};
  const begun = now();
  let detail = "";
  let shown = false;
  let timer = null;

  const text = () => {
    const parts = [seconds(now() - begun)];
    if (expected) parts.push(expected);
    if (detail) parts.push(detail);
    return `${label} ... ${parts.join(", ")}`;
  };
  const draw = () => {
    shown = true;
    if (stream.isTTY) stream.write(`\r\u001b[2K${text()}`.slice(0, (stream.columns || 80) + 4));
    else stream.write(`${text()}\n`);
    timer = setTimeout(draw, stream.isTTY ? TERMINAL_MS : PIPE_MS);
    timer.unref();
  };
  timer = setTimeout(draw, quietMs);
  timer.unref();

  const end = (line) => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    if (shown && stream.isTTY) stream.write("\r\u001b[2K");
    if (line) stream.write(`${line}\n`);
  };
  return {
    update(next) {
      detail = next;
    },
    done(result) {
      end(`${label}: ${result || "done"} (${seconds(now() - begun)})`);
    },
    quiet() {
      end("");
    },
  };
}

module.exports = { progress, seconds };
