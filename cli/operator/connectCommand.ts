import { existsSync, readFileSync } from "node:fs";
import { FIRST_ADMINISTRATOR } from "../../operator/firstAdministrator";
import type { RunningEndpoint } from "../../operator/operatorEndpoint";
import { writeWhole } from "../wholeFile";

/** Writes the host keys of an instance into the known_hosts file that all instances of a folder share. */
export function writeKnownHosts(file: string, host: string, { port, hostKeys }: RunningEndpoint): void {
  const name = port === 22 ? host : `[${host}]:${port}`;
  const others = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  const kept = others.filter((line) => line !== "" && !line.startsWith(`${name} `));
  writeWhole(file, [...kept, ...hostKeys.map(({ publicKey }) => `${name} ${publicKey}`), ""].join("\n"), 0o600);
}

/** A word of a shell's command line. */
const word = (text: string): string => (/^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The command that connects the first administrator. `identity`: file of its key; undefined where its owner has it. */
export function connectCommand(host: string, port: number, knownHosts: string, identity: string | undefined): string {
  // ssh splits the value at blanks, and expands %.
  const file = knownHosts.replaceAll("%", "%%");
  const hosts = `UserKnownHostsFile=${file.includes(" ") ? `"${file}"` : file}`;
  const options = ["IdentitiesOnly=yes", hosts].flatMap((option) => ["-o", word(option)]);
  const key = identity === undefined ? [] : ["-i", word(identity)];
  return ["ssh", "-p", port, ...key, ...options, `${FIRST_ADMINISTRATOR}@${host}`].join(" ");
}
