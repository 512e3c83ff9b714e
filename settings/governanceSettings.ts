/** Settings for tagging, protecting and hardening Azure resources; the policy pack (policy/) checks their effect. */
import type { SettingsReader } from "./settingsReader";

/** How Azure resources are tagged, protected and hardened. */
export interface GovernanceSettings {
  /** Tags of the resource group, the hub, the provisioning service and the vault; undefined for none. */
  readonly tags: Record<string, string> | undefined;
  /** Whether Pulumi refuses to delete or replace what every device depends on, and to unblock revoked devices. */
  readonly protect: boolean;
  /** Minimum TLS version of the hub. Azure does not change it on an existing hub. */
  readonly minimumTls: "1.2" | "azureDefault";
  /** How the provisioning service is linked to the hub: by its managed identity, or by a key of the hub. */
  readonly linkBy: "identity" | "key";
  /** Who may use shared access keys at the hub; `serviceOnly` refuses devices and modules, `off` services, too. */
  readonly localAuth: "enabled" | "serviceOnly" | "off";
  /** Whether an imported group, hub and provisioning service keep their properties and tags. */
  readonly keepImported: boolean;
}

/** Azure documentation, "Use tags to organize your Azure resources". */
const MAXIMUM_TAGS = 50;
const TAG_NAME = /^[^<>%&\\?/=]{1,512}$/;

const tagOf = (entry: string): readonly [name: string, value: string] => {
  const at = entry.indexOf("=");
  return [entry.slice(0, Math.max(at, 0)), entry.slice(at + 1)];
};

function tagRule(entry: string): string | undefined {
  const [name, value] = tagOf(entry);
  if (!TAG_NAME.test(name)) return "a tag is name=value; a name has 1 to 512 characters without < > % & \\ ? /";
  if (/^(microsoft|azure|windows)/i.test(name))
    return "Azure reserves tag names that start with microsoft, azure or windows";
  return value.length <= 256 ? undefined : "the value of a tag has at most 256 characters";
}

function readTags(read: SettingsReader): Record<string, string> | undefined {
  const tags = read.list("tags", [], tagRule).map(tagOf);
  const names = tags.map(([name]) => name.toLowerCase());
  const duplicate = names.find((name, index) => names.indexOf(name) < index);
  if (duplicate !== undefined)
    read.addError("tags", duplicate, "the tag is set twice", "set it once; tag names ignore letter case");
  if (tags.length > MAXIMUM_TAGS)
    read.addError("tags", String(tags.length), `a resource has at most ${MAXIMUM_TAGS} tags`, "set fewer tags");
  return tags.length === 0 ? undefined : Object.fromEntries(tags);
}

/** Reads `tags`, `protect`, `minimumTls`, `linkBy`, `localAuth` and `keepImported`. */
export const readGovernance = (read: SettingsReader): GovernanceSettings => ({
  tags: readTags(read),
  protect: read.flag("protect"),
  minimumTls: read.choice("minimumTls", ["1.2", "azureDefault"], "1.2"),
  linkBy: read.choice("linkBy", ["identity", "key"], "identity"),
  localAuth: read.choice("localAuth", ["enabled", "serviceOnly", "off"], "enabled"),
  keepImported: read.flag("keepImported"),
});
