/**
 * The program's settings: the only reader of Pulumi configuration. Everything is checked here, before any resource, and
 * every fault is told at once. Keys, defaults and descriptions stand in Pulumi.yaml; the defaults here are the same ones.
 */
import * as pulumi from "@pulumi/pulumi";
import { nameFault, nameKey } from "../azure/names";
import { KEY_ALGORITHM_NAMES, type KeyAlgorithmName } from "../certs/algorithms";
import { commonNameFault } from "../certs/names";
import { stoppedLocalAzure } from "../emulator/contract/stoppedLocalAzure";
import { type DeviceSettings, readDevices } from "./deviceSettings";
import { type Governance, readGovernance } from "./governanceSettings";
import { type KeyVaultSettings, readKeyVault } from "./keyVaultSettings";
import { type Fault, SettingsReader, type Source } from "./settingsReader";
import { unknownKeys } from "./unknownKeys";

export type { Fault, Source } from "./settingsReader";

/** Checked settings; names that are undefined are chosen by Pulumi. */
export interface Settings extends DeviceSettings {
  readonly cloud: "local" | "public";
  readonly location: string;
  readonly governance: Governance;
  readonly prefix: string;
  /** Absent: chosen by Pulumi. */
  readonly resourceGroup: { readonly resourceGroupName?: string; readonly tags?: Governance["tags"] };
  readonly hub: { readonly name: string | undefined; readonly sku: HubSku; readonly units: number };
  readonly provisioningService: {
    readonly name: string | undefined;
    readonly units: number;
    readonly allocationPolicy: "hashed" | "geoLatency" | "static";
  };
  readonly authority: {
    readonly keyAlgorithm: KeyAlgorithmName;
    readonly rootName: string;
    readonly rootLifetimeDays: number;
    readonly intermediateName: string;
    readonly intermediateLifetimeDays: number;
    readonly expiryWarningDays: number;
  };
  readonly keyVault: KeyVaultSettings;
  /** The root among the provisioning service's certificates. */
  readonly root: { readonly name: string; readonly verification: "proofOfPossession" | "asserted" };
  /** Generations of the CA hierarchy, one, or two during a rollover; the last one issues devices' certificates. */
  readonly generations: readonly string[];
  /** Of devices' certificates. */
  readonly device: {
    readonly keyAlgorithm: KeyAlgorithmName;
    readonly lifetimeDays: number;
    readonly renewBeforeDays: number;
    readonly expiryWarningDays: number;
  };
  readonly enrollmentGroupId: string;
  /** Degrees Celsius. */
  readonly temperature: number;
}

const HUB_SKUS = ["F1", "B1", "B2", "B3", "S1", "S2", "S3"] as const;
/** Tiers of an IoT hub. */
export type HubSku = (typeof HUB_SKUS)[number];

const PREFIX_RULE = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,28}[A-Za-z0-9])?$/;

const prefixFault = (value: string): string | undefined =>
  PREFIX_RULE.test(value)
    ? undefined
    : "the rule is 1 to 30 letters, digits and hyphens, with a letter or digit at both ends";

const certificateNameFault = (value: string): string | undefined => {
  const fault = commonNameFault(value);
  return fault === undefined ? undefined : `not a common name of a certificate: ${fault}`;
};

const generationFault = (value: string): string | undefined =>
  /^[1-9]\d{0,3}$/.test(value) ? undefined : "a generation is a number from 1 to 9999";

/** Reads and checks everything; pure. Either settings or every fault. `set` names the project's keys that are set. */
export function readSettings(
  source: Source,
  env: NodeJS.ProcessEnv,
  set: readonly string[] = [],
): Settings | readonly Fault[] {
  const read = new SettingsReader(source);
  const keyAlgorithm = read.choice("keyAlgorithm", KEY_ALGORITHM_NAMES, "EC-P256");
  const expiryWarningDays = read.whole("expiryWarningDays", 0, 36_500, 30);
  const resourceGroupName = read.optionalName("resourceGroupName", "resourceGroup");
  const governance = readGovernance(read);
  const cloud = read.choice("cloud", ["local", "public"], "public");
  const settings: Settings = {
    cloud,
    location: read.text("azure-native:location", "", (value) =>
      /^[A-Za-z][A-Za-z0-9 ]{1,62}[A-Za-z0-9]$/.test(value)
        ? undefined
        : "an Azure region such as westeurope must be named",
    ),
    governance,
    prefix: read.text("prefix", "zero-touch", prefixFault),
    resourceGroup: {
      ...(resourceGroupName === undefined ? {} : { resourceGroupName }),
      ...(Object.keys(governance.tags).length === 0 ? {} : { tags: governance.tags }),
    },
    hub: {
      name: read.optionalName("hubName", "iotHub"),
      sku: read.choice("hubSku", HUB_SKUS, "S1"),
      units: read.whole("hubUnits", 1, 200, 1),
    },
    provisioningService: {
      name: read.optionalName("provisioningServiceName", "provisioningService"),
      units: read.whole("provisioningServiceUnits", 1, 200, 1),
      allocationPolicy: read.choice("allocationPolicy", ["hashed", "geoLatency", "static"], "hashed"),
    },
    authority: {
      keyAlgorithm,
      rootName: read.text("rootName", "Zero Touch Root CA", certificateNameFault),
      rootLifetimeDays: read.whole("rootLifetimeDays", 1, 36_500, 3650),
      intermediateName: read.text("intermediateName", "Zero Touch Intermediate CA", certificateNameFault),
      intermediateLifetimeDays: read.whole("intermediateLifetimeDays", 1, 36_500, 1825),
      expiryWarningDays,
    },
    keyVault: readKeyVault(read, cloud),
    generations: read.list("caGenerations", ["1"], generationFault),
    root: {
      name: read.text("rootCertificateName", "zero-touch-root", (value) => nameFault("dpsCertificate", value)),
      verification: read.choice("verification", ["proofOfPossession", "asserted"], "proofOfPossession"),
    },
    device: {
      keyAlgorithm,
      lifetimeDays: read.whole("deviceLifetimeDays", 1, 36_500, 365),
      renewBeforeDays: read.whole("renewBeforeDays", 0, 36_500, 30),
      expiryWarningDays,
    },
    enrollmentGroupId: read.text("enrollmentGroupId", "sample-group", (value) => nameFault("enrollmentGroupId", value)),
    ...readDevices(read),
    temperature: read.whole("temperature", -100, 200, 30),
  };
  checkTogether(settings, read);
  checkCloud(settings.cloud, env, read);
  read.faults.push(...unknownKeys(set, read.known));
  return read.faults.length === 0 ? settings : read.faults;
}

/** What no single key can tell. */
function checkTogether({ hub, authority, device, ...settings }: Settings, read: SettingsReader): void {
  const most = hub.sku === "F1" ? 1 : hub.sku === "B3" || hub.sku === "S3" ? 10 : 200;
  if (hub.units > most) {
    const rule = `a hub of tier ${hub.sku} has at most ${most}`;
    read.fault("hubUnits", String(hub.units), rule, "set fewer units or another hubSku");
  }
  if (authority.rootName === authority.intermediateName) {
    const remedy = "give the intermediate a name of its own";
    read.fault("intermediateName", authority.intermediateName, "must differ from rootName", remedy);
  }
  const nested = (key: string, days: number, above: string, most: number): void => {
    if (days > most)
      read.fault(key, String(days), `not longer than ${above} = ${most}`, `shorten it or lengthen ${above}`);
  };
  const { rootLifetimeDays, intermediateLifetimeDays } = authority;
  nested("intermediateLifetimeDays", intermediateLifetimeDays, "rootLifetimeDays", rootLifetimeDays);
  nested("deviceLifetimeDays", device.lifetimeDays, "intermediateLifetimeDays", intermediateLifetimeDays);
  const individual = settings.individualDevices;
  const devices = [
    ...settings.groupDevices.map((id) => ({ key: "groupDevices", registrationId: id, deviceId: id })),
    ...individual.map(({ registrationId, deviceId = registrationId }) => ({
      ...{ key: "individualDevices", registrationId, deviceId },
    })),
  ];
  // A device that is there twice altogether is told of once.
  noTwice(read, noTwice(read, devices, "registrationId"), "deviceId");
  const { generations } = settings;
  if (generations.length < 1 || generations.length > 2 || new Set(generations).size < generations.length) {
    const rule = "one generation, or two different ones during a rollover";
    read.fault("caGenerations", generations.join(", "), rule, "name the present one, and the next one after it");
  }
  // The first generation has the plain names; another one adds its number and what parts it from the name.
  const added = Math.max(0, ...generations.map((generation) => (generation === "1" ? 0 : generation.length + 1)));
  for (const [key, name] of [
    ["rootName", authority.rootName],
    ["intermediateName", authority.intermediateName],
    ["rootCertificateName", settings.root.name],
  ] as const) {
    if ([...name].length + added > 64)
      read.fault(key, name, "with the number of its CA generation it is longer than 64 characters", "shorten it");
  }
  if (settings.keyVault.enrollmentKeys === "keyVault" && settings.individualsFile === undefined) {
    const rule = "keeps keys of the enrollments of individualsFile, and there is none";
    read.fault("enrollmentKeys", "keyVault", rule, "set individualsFile, or take enrollmentKeys out");
  }
  const ids = [settings.enrollmentGroupId, ...individual.map(({ registrationId }) => registrationId)];
  const known = new Set(ids.map((id) => nameKey("enrollmentGroupId", id)));
  for (const id of settings.adopt.keys()) {
    const rule = "this stack has no enrollment of that ID";
    // What the file lists is not known here; an ID that nothing has is of no effect.
    if (!known.has(id) && settings.individualsFile === undefined)
      read.fault("adopt", id, rule, "name the enrollmentGroupId or one of individualDevices");
  }
}

const LABELS = { registrationId: "registration ID", deviceId: "device ID" } as const;

/** Notes every device whose ID another one before it has; answers the others. */
function noTwice<D extends { readonly key: string } & Readonly<Record<keyof typeof LABELS, string>>>(
  read: SettingsReader,
  devices: readonly D[],
  kind: keyof typeof LABELS,
): readonly D[] {
  const seen = new Set<string>();
  return devices.filter((device) => {
    const id = nameKey(kind, device[kind]);
    const isTwice = seen.has(id);
    if (isTwice) read.fault(device.key, device[kind], `the ${LABELS[kind]} is used twice`, "give every device its own");
    seen.add(id);
    return !isTwice;
  });
}

/** A stack lives on one Azure, and the environment points at one: they must be the same. */
function checkCloud(cloud: Settings["cloud"], env: NodeJS.ProcessEnv, read: SettingsReader): void {
  const isPointedAtLocal = env.ZERO_TOUCH_CLOUD === "local";
  if (cloud === "local" && !isPointedAtLocal) {
    const rule = "this stack lives on the local Azure, and this shell does not point at it";
    read.fault(
      "cloud",
      cloud,
      rule,
      'run `eval "$(npm run -s env)"` first, or use `npm run up`; for Azure itself choose another stack',
    );
  }
  if (cloud === "public" && isPointedAtLocal) {
    const rule = "this stack lives on Azure, and this shell points at the local Azure (ZERO_TOUCH_CLOUD=local)";
    read.fault(
      "cloud",
      cloud,
      rule,
      "open a new shell without the local Azure's variables; for a stack that is to live here: pulumi config set cloud local",
    );
  }
}

/** Every fault as one message: field, value, rule, way out. */
export function faultMessage(stack: string, faults: readonly Fault[]): string {
  const count = faults.length === 1 ? "one fault" : `${faults.length} faults`;
  const lines = faults.map(
    ({ key, value, rule, remedy }) => `  ${key} = ${JSON.stringify(value)}: ${rule}\n    Way out: ${remedy}`,
  );
  return `The configuration of stack "${stack}" has ${count}; nothing was changed.\n${lines.join("\n")}`;
}

/** An error that shows as its message alone. A stack may cost the host many seconds (docs/decisions/0005). */
function refusal(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  delete error.stack;
  return error;
}

/** The keys of a project among full ones (`project:key`). */
export function ownKeys(values: Readonly<Record<string, string>>, project: string): readonly string[] {
  return Object.keys(values).flatMap((key) => (key.startsWith(`${project}:`) ? key.slice(project.length + 1) : []));
}

/** The settings of this stack. Throws pulumi.RunError, which shows no stack trace, with every fault at once. */
export async function loadSettings(env: NodeJS.ProcessEnv = process.env): Promise<Settings> {
  const own = new pulumi.Config();
  const azure = new pulumi.Config("azure-native");
  const source: Source = (key) => (key === "azure-native:location" ? azure.get("location") : own.get(key));
  const settings = readSettings(source, env, ownKeys(pulumi.runtime.allConfig(), pulumi.getProject()));
  if (!("cloud" in settings)) throw refusal(faultMessage(pulumi.getStack(), settings));
  const stopped = await stoppedLocalAzure(env);
  if (stopped !== undefined) throw refusal(stopped);
  return settings;
}
