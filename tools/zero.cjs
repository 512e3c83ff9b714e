"use strict";
// The first file of every npm script. It must be read by any Node, however old, so that an old one prints the message
// below and not a syntax error: only ES5 here. Everything newer sits behind the `require`s at the end.
(() => {
  // Kept equal to "engines" of package.json.
  var oldest = 20;
  var major = parseInt(process.versions.node.split(".")[0], 10);
  if (!(major >= oldest)) {
    process.stderr.write(
      "\nNode " +
        oldest +
        " or newer is needed; this is Node " +
        process.versions.node +
        ".\n" +
        "  Why:     the program, the local Azure and Pulumi's Node SDK use what older versions lack.\n" +
        "  Way out: install Node " +
        oldest +
        " or newer from https://nodejs.org (or with nvm, fnm, winget, brew), then run this again.\n\n",
    );
    process.exit(1);
  }
  require("./bootstrap/begin.cjs")();
})();
