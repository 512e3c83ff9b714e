"use strict";

/** Not TypeScript, because it is also used before anything is installed; types are in setupError.d.cts. */
class SetupError extends Error {
  constructor(code, what, why, remedies, options) {
    super(what, options);
    this.name = "SetupError";
    this.code = code;
    this.why = why;
    this.remedies = typeof remedies === "string" ? [remedies] : remedies;
  }

  render() {
    const lines = ["", this.message];
    const why = this.why.split("\n");
    lines.push(`  Why:     ${why[0]}`);
    for (const line of why.slice(1)) lines.push(`           ${line}`);
    this.remedies.forEach((line, index) => {
      lines.push(`${index === 0 ? "  To fix:  " : "       or: "}${line}`);
    });
    lines.push(`  (${this.code})`, "", "");
    return lines.join("\n");
  }
}

module.exports = { SetupError };
