"use strict";
const { connect, createServer } = require("node:net");

/**
 * A listener that hands each connection on to another address, both ways, half-closed sides included: `to` is what
 * net.connect takes. The one side of a network namespace does so from TCP to a Unix socket, the other back to TCP.
 */
function splice(to) {
  return createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ ...to, allowHalfOpen: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
}

module.exports = { splice };
