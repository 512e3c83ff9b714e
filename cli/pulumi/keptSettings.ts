import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Paths, PROJECT, STACK } from "../checkoutPaths";

/** Keys that the repository's own Pulumi.dev.yaml has. */
const INITIAL = ["azure-native:location", `${PROJECT}:cloud`];

/** The keys of the `config` of a Pulumi.STACK.yaml that someone has set. */
export function keptSettings(yaml: string): readonly string[] {
  const config = /^config:[^\n]*\n((?:[ \t#][^\n]*\n?|\n)*)/m.exec(yaml.replaceAll("\r", ""))?.[1] ?? "";
  const keys = [...config.matchAll(/^ {2}["']?([\w.-]+:[\w.-]+)["']?:/gm)].map(([, key = ""]) => key);
  return keys.filter((key) => !INITIAL.includes(key)).map((key) => key.replace(`${PROJECT}:`, ""));
}

/** What `down` says of settings that shape the next `up`; empty where there are none. */
export function keptSettingsNote({ root }: Pick<Paths, "root">): string {
  const file = `Pulumi.${STACK}.yaml`;
  try {
    const keys = keptSettings(readFileSync(join(root, file), "utf8"));
    if (keys.length === 0) return "";
    return `${file} keeps settings for the next npm run up: ${keys.join(", ")}. To drop them: git checkout -- ${file}\n`;
  } catch {
    return "";
  }
}
