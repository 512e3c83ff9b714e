"use strict";
// The first file of every npm script. It must be read by any Node, however old, so that an old one prints the message
// below and not a syntax error: only ES5 here (a test holds it). Everything newer sits behind the `require` at the end.

// Kept equal to "engines" of package.json.
var oldest = 20;
var major = parseInt(process.versions.node.split(".")[0], 10);
var needed = "Node " + oldest + " or newer";
var found = "this is Node " + process.versions.node;
var why = "the program, the local Azure and Pulumi's Node SDK use what older versions lack.";
var wayOut = "install " + needed + " from https://nodejs.org (or with nvm, fnm, winget, brew), then run this again.";
var message = "\n" + needed + " is needed; " + found + ".\n  Why:     " + why + "\n  Way out: " + wayOut + "\n\n";

if (major >= oldest) {
  require("./bootstrap/begin.cjs")();
} else {
  process.stderr.write(message);
  process.exit(1);
}
