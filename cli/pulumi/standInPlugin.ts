import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../checkoutPaths";
import { writeWhole } from "../wholeFile";

const NAME = "pulumi-resource-azure-native";

/** The version of a package in node_modules: what the SDK asks the engine for, and so what the folder must be named. */
function sdkVersion(root: string): string {
  const file = join(root, "node_modules", "@pulumi", "azure-native", "package.json");
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version;
}

/**
 * The launcher as the engine starts it. It holds the checkout's path, so a moved checkout gets a new one; `runMain` makes
 * the plugin the main module, as if Node had been given its file. Its output line (the port) is the plugin's own.
 */
export function launcherText(root: string): string {
  const hook = JSON.stringify(join(root, "bootstrap", "typescript.cjs"));
  const main = JSON.stringify(join(root, "azure-native-stand-in", "main.ts"));
  return `#!/usr/bin/env node
// Written by cli/: starts the local Azure's stand-in for azure-native. Only this local PULUMI_HOME has it.
require(${hook});
process.argv[1] = ${main};
require("node:module").runMain();
`;
}

/** For Windows, where a script without an extension cannot be executed. Not tried on Windows. */
export const LAUNCHER_CMD = `@echo off\r\nnode "%~dp0${NAME}" %*\r\n`;

function write(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  writeWhole(file, text, 0o755);
}

/** Puts the stand-in into the local PULUMI_HOME, where the engine finds it as an installed plugin. */
export function placeStandIn(paths: Pick<Paths, "pulumiHome" | "root">): void {
  const folder = join(paths.pulumiHome, "plugins", `resource-azure-native-v${sdkVersion(paths.root)}`);
  mkdirSync(folder, { recursive: true });
  write(join(folder, NAME), launcherText(paths.root));
  if (process.platform === "win32") write(join(folder, `${NAME}.cmd`), LAUNCHER_CMD);
}

/** The genuine plugin's version, for `pulumi plugin install`. */
export function genuineVersion(paths: Pick<Paths, "root">): string {
  return sdkVersion(paths.root);
}
