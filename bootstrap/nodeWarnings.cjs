"use strict";
// With NODE_USE_ENV_PROXY, which Node's own clients need to reach the local Azure, every Node 22 process warns that this is
// experimental, and Pulumi would print that among the resources. Other warnings are still printed.
const listeners = process.listeners("warning");
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.code !== "UNDICI-EHPA") for (const listener of listeners) listener.call(process, warning);
});
