"use strict";
// Where Pulumi starts the policy pack, and what `launch` starts. PolicyPack reads its version from the package.json of
// the working directory, which is that of the program under review: it may have none.
process.chdir(__dirname);
delete require.extensions[".ts"]; // The host may have put its own there, which compiles again each time.
require("../bootstrap/typescript.cjs");
require("./pack.ts");
