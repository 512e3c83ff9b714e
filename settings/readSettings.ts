/**
 * Reads the program's settings. Everything is checked before any resource, and every error is reported at once. Keys,
 * defaults and descriptions are in Pulumi.yaml; the defaults here are the same.
 */
import { nameError } from "../azure/names";
import { KEY_ALGORITHM_NAMES } from "../certs/algorithms";
import { commonNameError } from "../certs/names";
import { checkCloud, checkTogether } from "./crossKeyRules";
import { readDevices } from "./deviceSettings";
import { readGovernance } from "./governanceSettings";
import { readKeyVault } from "./keyVaultSettings";
import { readOperator } from "./operatorSettings";
import { HUB_SKUS, type Settings } from "./settings";
import { type SettingError, SettingsReader, type Source } from "./settingsReader";
import { unknownKeys } from "./unknownKeys";

const prefixRule = (value: string): string | undefined =>
  /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,28}[A-Za-z0-9])?$/.test(value)
    ? undefined
    : "must be 1 to 30 letters, digits and hyphens, with a letter or digit at both ends";

const locationRule = (value: string): string | undefined =>
  /^[A-Za-z][A-Za-z0-9 ]{1,62}[A-Za-z0-9]$/.test(value) ? undefined : "must be an Azure region, such as westeurope";

const commonNameRule = (value: string): string | undefined => {
  const rule = commonNameError(value);
  return rule === undefined ? undefined : `not a common name of a certificate: ${rule}`;
};

const generationRule = (value: string): string | undefined =>
  /^[1-9]\d{0,3}$/.test(value) ? undefined : "a generation is a number from 1 to 9999";

/** Reads and checks all settings. Returns every error if there is any. `set` are the keys of the project that are set. */
export function readSettings(
  source: Source,
  env: NodeJS.ProcessEnv,
  set: readonly string[] = [],
): Settings | readonly SettingError[] {
  const read = new SettingsReader(source);
  const keyAlgorithm = read.choice("keyAlgorithm", KEY_ALGORITHM_NAMES, "EC-P256");
  const expiryWarningDays = read.whole("expiryWarningDays", 0, 36_500, 30);
  const cloud = read.choice("cloud", ["local", "public"], "public");
  const settings: Settings = {
    cloud,
    location: read.text("azure-native:location", "", locationRule),
    prefix: read.text("prefix", "zero-touch", prefixRule),
    resourceGroupName: read.optionalName("resourceGroupName", "resourceGroup"),
    ...readGovernance(read),
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
      rootName: read.text("rootName", "Zero Touch Root CA", commonNameRule),
      rootLifetimeDays: read.whole("rootLifetimeDays", 1, 36_500, 3650),
      intermediateName: read.text("intermediateName", "Zero Touch Intermediate CA", commonNameRule),
      intermediateLifetimeDays: read.whole("intermediateLifetimeDays", 1, 36_500, 1825),
      expiryWarningDays,
    },
    ...readKeyVault(read, cloud),
    ...readOperator(read),
    generations: read.list("caGenerations", ["1"], generationRule),
    rootCertificateName: read.text("rootCertificateName", "zero-touch-root", (name) =>
      nameError("dpsCertificate", name),
    ),
    verification: read.choice("verification", ["proofOfPossession", "asserted"], "proofOfPossession"),
    device: {
      keyAlgorithm,
      lifetimeDays: read.whole("deviceLifetimeDays", 1, 36_500, 365),
      renewBeforeDays: read.whole("renewBeforeDays", 0, 36_500, 30),
      expiryWarningDays,
    },
    enrollmentGroupId: read.text("enrollmentGroupId", "sample-group", (id) => nameError("enrollmentGroupId", id)),
    ...readDevices(read),
    temperature: read.whole("temperature", -100, 200, 30),
  };
  checkTogether(settings, read);
  checkCloud(settings.cloud, env, read);
  read.errors.push(...unknownKeys(set, read.known));
  return read.errors.length === 0 ? settings : read.errors;
}

/** The keys of a project among full keys (`project:key`). */
export function ownKeys(values: Readonly<Record<string, string>>, project: string): readonly string[] {
  return Object.keys(values).flatMap((key) => (key.startsWith(`${project}:`) ? key.slice(project.length + 1) : []));
}
