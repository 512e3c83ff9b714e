/** Rules that involve more than one setting. */
import { nameKey } from "../azure/names";
import type { Settings } from "./settings";
import type { SettingsReader } from "./settingsReader";

/** Checks the settings against one another. */
export function checkTogether(settings: Settings, read: SettingsReader): void {
  checkHubUnits(settings, read);
  checkLocalAuth(settings, read);
  checkAuthority(settings, read);
  checkGenerations(settings, read);
  checkDeviceIds(settings, read);
  checkEnrollments(settings, read);
}

function checkHubUnits({ hub }: Settings, read: SettingsReader): void {
  const maximum = hub.sku === "F1" ? 1 : hub.sku === "B3" || hub.sku === "S3" ? 10 : 200;
  if (hub.units > maximum) {
    const rule = `a hub of tier ${hub.sku} has at most ${maximum}`;
    read.addError("hubUnits", String(hub.units), rule, "set fewer units or another hubSku");
  }
}

function checkLocalAuth({ localAuth, linkBy }: Settings, read: SettingsReader): void {
  if (localAuth !== "off" || linkBy === "identity") return;
  const rule = "the hub refuses every shared key, and with linkBy key the provisioning service has no other";
  read.addError("localAuth", localAuth, rule, "set linkBy to identity, or localAuth to serviceOnly");
}

function checkAuthority({ authority, device }: Settings, read: SettingsReader): void {
  const { rootName, intermediateName, rootLifetimeDays, intermediateLifetimeDays } = authority;
  if (rootName === intermediateName)
    read.addError("intermediateName", intermediateName, "must differ from rootName", "choose another name");
  const checkNested = (key: string, days: number, issuer: string, maximum: number): void => {
    if (days > maximum)
      read.addError(key, String(days), `not longer than ${issuer} = ${maximum}`, `shorten it or lengthen ${issuer}`);
  };
  checkNested("intermediateLifetimeDays", intermediateLifetimeDays, "rootLifetimeDays", rootLifetimeDays);
  checkNested("deviceLifetimeDays", device.lifetimeDays, "intermediateLifetimeDays", intermediateLifetimeDays);
}

function checkGenerations({ generations, authority, rootCertificateName }: Settings, read: SettingsReader): void {
  if (generations.length < 1 || generations.length > 2 || new Set(generations).size < generations.length) {
    const rule = "one generation, or two different ones during a rollover";
    read.addError("caGenerations", generations.join(", "), rule, "set the current one, and the next one after it");
  }
  // The first generation has the plain names; another one adds a separator and its number.
  const suffixLength = Math.max(0, ...generations.map((each) => (each === "1" ? 0 : each.length + 1)));
  const { rootName, intermediateName } = authority;
  for (const [key, name] of Object.entries({ rootName, intermediateName, rootCertificateName })) {
    if ([...name].length + suffixLength > 64)
      read.addError(key, name, "with the number of its CA generation it is longer than 64 characters", "shorten it");
  }
}

interface DeviceIds {
  readonly key: string;
  readonly registrationId: string;
  readonly deviceId: string;
}

function checkDeviceIds({ groupDevices, individualDevices }: Settings, read: SettingsReader): void {
  const devices: readonly DeviceIds[] = [
    ...groupDevices.map((id) => ({ key: "groupDevices", registrationId: id, deviceId: id })),
    ...individualDevices.map(({ registrationId, deviceId = registrationId }) => ({
      key: "individualDevices",
      registrationId,
      deviceId,
    })),
  ];
  // A device whose IDs are both duplicates is reported once.
  withoutDuplicates(read, withoutDuplicates(read, devices, "registrationId"), "deviceId");
}

const LABELS = { registrationId: "registration ID", deviceId: "device ID" } as const;

/** Reports duplicate IDs; returns the rest. */
function withoutDuplicates(
  read: SettingsReader,
  devices: readonly DeviceIds[],
  kind: keyof typeof LABELS,
): readonly DeviceIds[] {
  const seen = new Set<string>();
  return devices.filter((device) => {
    const id = nameKey(kind, device[kind]);
    const isDuplicate = seen.has(id);
    if (isDuplicate)
      read.addError(device.key, device[kind], `the ${LABELS[kind]} is used twice`, "give every device its own");
    seen.add(id);
    return !isDuplicate;
  });
}

function checkEnrollments(settings: Settings, read: SettingsReader): void {
  const { enrollmentKeys, individualsFile, enrollmentGroupId, individualDevices, rootCertificateName } = settings;
  // The IDs in the file are not known here; an ID that matches no enrollment has no effect.
  if (individualsFile !== undefined) return;
  if (enrollmentKeys === "keyVault") {
    const rule = "keeps keys of the enrollments in individualsFile, which is not set";
    read.addError("enrollmentKeys", "keyVault", rule, "set individualsFile, or remove enrollmentKeys");
  }
  const ids = [enrollmentGroupId, ...individualDevices.map(({ registrationId }) => registrationId)];
  const enrolled = new Set(ids.map((id) => nameKey("enrollmentGroupId", id)));
  for (const id of settings.disabledEnrollments.filter((each) => !enrolled.has(each))) {
    const remedy = "use the enrollmentGroupId or one of individualDevices";
    read.addError("disabledEnrollments", id, "this stack has no enrollment of that ID", remedy);
  }
  const roots = settings.generations.flatMap((generation) =>
    generation === "1" ? rootCertificateName : `${rootCertificateName}-${generation}`,
  );
  const known = new Set([...ids, ...roots].map((id) => nameKey("enrollmentGroupId", id)));
  for (const id of Object.keys(settings.adopt).filter((each) => !known.has(each))) {
    const rule = "this stack has no enrollment or root of that name";
    read.addError("adopt", id, rule, "use the enrollmentGroupId, one of individualDevices, or the rootCertificateName");
  }
}

/** The stack's cloud must be the one that the environment points at. */
export function checkCloud(cloud: Settings["cloud"], env: NodeJS.ProcessEnv, read: SettingsReader): void {
  const isLocalShell = env.ZERO_TOUCH_CLOUD === "local";
  if (cloud === "local" && !isLocalShell) {
    const rule = "this stack is on the local Azure, and this shell does not point at it";
    const remedy = 'run `eval "$(npm run -s env)"` first, or use `npm run up`; for Azure, select another stack';
    read.addError("cloud", cloud, rule, remedy);
  }
  if (cloud === "public" && isLocalShell) {
    const rule = "this stack is on Azure, and this shell points at the local Azure (ZERO_TOUCH_CLOUD=local)";
    const remedy = "open a new shell; for a stack on the local Azure, run `pulumi config set cloud local`";
    read.addError("cloud", cloud, rule, remedy);
  }
}
