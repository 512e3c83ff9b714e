"use strict";
// Where Pulumi starts the program. Loads TypeScript from the project's cache, without type checks (they belong in
// `npm run check`), and keeps the Pulumi SDK from loading what this program never uses: `@npmcli/arborist` and the
// TypeScript compiler serve the serialisation of closures, and no closure is serialised here (providers/forward.ts).
// Measured on the preview of the dev stack: 0.3 s less.
require("./providers/lazy.cjs");
delete require.extensions[".ts"]; // The language host may have put its own there, which compiles anew each time.
require("./tools/bootstrap/typescript.cjs");
module.exports = require("./index.ts");
