"use strict";
// Prepares Node for the Pulumi program. Loads TypeScript from the project's cache, without type checks (they belong in
// `npm run check`), and keeps the Pulumi SDK from loading what this program never uses: `@npmcli/arborist` and the
// TypeScript compiler serve the serialisation of closures, and no closure is serialised here (providers/forward.ts).
// Measured on the preview of the dev stack: 0.3 s less.
require("./lazyModules.cjs");
// Components record no inputs of their own: their resources have them, and keys would be in the state twice.
process.env.PULUMI_NODEJS_SKIP_COMPONENT_INPUTS = "true";
delete require.extensions[".ts"]; // The language host may have registered its own, which compiles every time.
require("./typescript.cjs");
