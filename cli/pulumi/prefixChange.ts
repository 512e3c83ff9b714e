import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { type Paths, STACK } from "../checkoutPaths";
import { settingOf } from "./devStack";
import { stateFile } from "./stackState";

/** The settings that fix a name: the type, the input that has the name, and what follows the prefix in the logical name. */
const FIXED = [
  ["resourceGroupName", "azure-native:resources:ResourceGroup", "resourceGroupName", "-rg"],
  ["hubName", "azure-native:iothub:IotHubResource", "resourceName", "-hub"],
  [
    "provisioningServiceName",
    "azure-native:deviceprovisioningservices:IotDpsResource",
    "provisioningServiceName",
    "-dps",
  ],
  ["keyVaultName", "azure-native:keyvault:Vault", "vaultName", "-kv"],
] as const;

interface Checkpoint {
  readonly checkpoint?: { readonly latest?: { readonly resources?: readonly StateResource[] } };
}

interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly delete?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/**
 * The setting of a name that the stack's resource has under another prefix, with that prefix. Another prefix replaces every
 * resource, and Azure creates no second one of the name. Undefined if there is none.
 */
export function prefixConflict(
  settings: string,
  state: string,
): { key: string; name: string; prefix: string } | undefined {
  const prefix = settingOf(settings, "prefix") ?? "zero-touch";
  const resources = (JSON.parse(state) as Checkpoint).checkpoint?.latest?.resources ?? [];
  for (const [key, type, input, suffix] of FIXED) {
    const name = settingOf(settings, key);
    if (name === undefined) continue;
    for (const { urn, inputs, delete: isReplaced } of resources.filter((each) => each.type === type)) {
      const logical = urn.split("::").at(-1) ?? "";
      const isSame = String(inputs?.[input]).toLowerCase() === name.toLowerCase();
      if (isReplaced || !isSame || !logical.endsWith(suffix) || logical === `${prefix}${suffix}`) continue;
      return { key, name, prefix: logical.slice(0, -suffix.length) };
    }
  }
  return undefined;
}

/** Refuses a changed `prefix` of the stack `dev` while a name stays fixed. Errors: SetupError PREFIX_OF_FIXED_NAME. */
export function checkPrefix(paths: Pick<Paths, "root" | "state">): void {
  let conflict: ReturnType<typeof prefixConflict>;
  try {
    const settings = readFileSync(join(paths.root, `Pulumi.${STACK}.yaml`), "utf8");
    conflict = prefixConflict(settings, readFileSync(stateFile(paths), "utf8"));
  } catch {
    // No stack yet, or a file that the CLI reports.
    return;
  }
  if (conflict === undefined) return;
  const { key, name, prefix } = conflict;
  throw new SetupError(
    "PREFIX_OF_FIXED_NAME",
    `prefix: the stack has "${name}" (${key}) under the prefix "${prefix}".`,
    "Another prefix replaces every resource, and Azure creates no second one of the same name.",
    [
      `pulumi config set prefix ${prefix}`,
      `pulumi config rm ${key}, or another name, for new resources`,
      "npm run down, then npm run up: deletes the stack's resources first",
    ],
  );
}
