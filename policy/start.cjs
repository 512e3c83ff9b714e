"use strict";
// Entry point of the policy pack, for Pulumi and for `launch`. PolicyPack reads its version from the package.json of
// the working directory, which is that of the program under review: it may have none.
process.chdir(__dirname);
delete require.extensions[".ts"]; // The host may have registered its own, which compiles every time.
require("../bootstrap/typescript.cjs");
require("./pack.ts");
