#!/usr/bin/env node
"use strict";
// The entry of `npx zero-touch` and of every npm script. An old Node must be able to read this file, so that it prints the
// message below and not a syntax error: only ES5 here (a test checks it). Everything newer is behind the `require`.

// Equal to "engines" of package.json; the tests run on the versions that the message names.
var oldest = 20;
var major = parseInt(process.versions.node.split(".")[0], 10);
var needed = "Node 20, 22 or 24";
var found = "this is Node " + process.versions.node;
var why = "the program, the local Azure and Pulumi's Node SDK use what older versions lack.";
var remedy = "install " + needed + " from https://nodejs.org (or with nvm, fnm, winget, brew), then run this again.";
var message = "\n" + needed + " is needed; " + found + ".\n  Why:     " + why + "\n  To fix:  " + remedy + "\n\n";

if (major >= oldest) {
  require("./installAndRun.cjs")();
} else {
  process.stderr.write(message);
  process.exit(1);
}
