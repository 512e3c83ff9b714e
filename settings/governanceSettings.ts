/** Settings by which an organisation governs a stack; the policy pack (policy/) checks what they lead to. */
import type { SettingsReader } from "./settingsReader";

/** Who may present shared keys to the hub: `enabled`, Azure's default: everybody; `serviceOnly`: no device, no module. */
export type LocalAuth = "enabled" | "serviceOnly";

/** How resources are marked, held and hardened. */
export interface Governance {
  /** On the resource group, the hub and the provisioning service. */
  readonly tags: Readonly<Record<string, string>>;
  /** Whether Pulumi refuses to delete or replace what every device depends on, and to lift all revocations. */
  readonly protect: boolean;
  /** What the hub asks of its clients; undefined leaves it to Azure. Azure does not change it on an existing hub. */
  readonly minimumTls: "1.2" | undefined;
  readonly localAuth: LocalAuth;
  /** Whether the properties and tags of an imported group, hub and provisioning service stay as they are in Azure. */
  readonly keepImported: boolean;
}

/** Most tags that Azure keeps on a resource (Azure documentation, "Use tags to organize your Azure resources"). */
const MOST_TAGS = 50;
const TAG_NAME = /^[^<>%&\\?/=]{1,512}$/;

const tagOf = (entry: string): readonly [name: string, value: string] => {
  const at = entry.indexOf("=");
  return [entry.slice(0, Math.max(at, 0)), entry.slice(at + 1)];
};

function tagFault(entry: string): string | undefined {
  const [name, value] = tagOf(entry);
  if (!TAG_NAME.test(name)) return "a tag is name=value, its name 1 to 512 characters without < > % & \\ ? /";
  if (/^(microsoft|azure|windows)/i.test(name))
    return "names of tags that begin with microsoft, azure or windows are Azure's";
  return value.length <= 256 ? undefined : "the value of a tag has at most 256 characters";
}

/** Reads the keys `tags`, `protect`, `minimumTls`, `localAuth` and `keepImported`. */
export function readGovernance(read: SettingsReader): Governance {
  const tags = read.list("tags", [], tagFault).map(tagOf);
  const names = tags.map(([name]) => name.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined)
    read.fault("tags", twice, "the tag is named twice", "name it once; letter case does not count");
  if (tags.length > MOST_TAGS) {
    read.fault("tags", String(tags.length), `Azure keeps at most ${MOST_TAGS} tags on a resource`, "name fewer tags");
  }
  const tls = read.choice("minimumTls", ["1.2", "azureDefault"], "1.2");
  return {
    tags: Object.fromEntries(tags),
    protect: read.choice("protect", ["true", "false"], "false") === "true",
    minimumTls: tls === "1.2" ? tls : undefined,
    localAuth: read.choice("localAuth", ["enabled", "serviceOnly"], "enabled"),
    keepImported: read.choice("keepImported", ["true", "false"], "false") === "true",
  };
}
