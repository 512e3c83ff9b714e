"use strict";
// NODE_USE_ENV_PROXY, by which Node's own clients reach the local Azure, makes each process of Node 22 warn that this is
// experimental. Pulumi would print that among the resources. Other warnings are printed as always.
const listeners = process.listeners("warning");
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.code !== "UNDICI-EHPA") for (const listener of listeners) listener.call(process, warning);
});
