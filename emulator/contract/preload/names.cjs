"use strict";
/** Azure's public names as azure/hosts.ts has them (a test compares the two), for programs that load no TypeScript. */
const AZURE_NAMES =
  /^(?:management\.azure\.com|login\.microsoftonline\.com|login\.windows\.net|graph\.microsoft\.com|[a-z0-9][a-z0-9-]*\.(?:azure-devices-provisioning\.net|azure-devices\.net|vault\.azure\.net|servicebus\.windows\.net|blob\.core\.windows\.net))$/i;

module.exports = { AZURE_NAMES };
