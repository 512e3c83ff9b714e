/** Settings of devices and their enrollments. */
import { extname } from "node:path";
import { TRANSPORTS, type TransportName } from "../azure/devices/device";
import { nameError, nameKey } from "../azure/names";
import { malformedThumbprintReason, thumbprintOf } from "../certs/thumbprintText";
import type { SettingsReader } from "./settingsReader";

/** A sample device with an individual enrollment. */
export interface IndividualDevice {
  readonly registrationId: string;
  /** Device ID in the hub; default: the registration ID. */
  readonly deviceId?: string;
}

/** Settings of devices and their enrollments. */
export interface DeviceSettings {
  /** Registration IDs of the sample devices in the enrollment group. */
  readonly groupDevices: string[];
  readonly individualDevices: IndividualDevice[];
  /** Path of a file with more individual enrollments, `.csv`, `.json` or `.jsonl`, relative to Pulumi.yaml's folder. */
  readonly individualsFile: string | undefined;
  /** Registration IDs to block, in lower case. */
  readonly revoked: string[];
  /** SHA-1 or SHA-256 thumbprints of certificates to block: upper-case hexadecimal without colons. */
  readonly revokedThumbprints: string[];
  /** How the sample devices register and send their messages. */
  readonly transport: TransportName;
  /** Consumer group of the hub's events in which the devices' messages are read back; undefined for not reading them. */
  readonly receiptConsumerGroup: string | undefined;
  /** IDs of the stack's enrollments that are disabled, in lower case. */
  readonly disabledEnrollments: string[];
  /** Enrollments and certificates to adopt: by ID or name in lower case, `true` or the expected ETag. */
  readonly adopt: Record<string, true | string>;
}

const individualDevice = (entry: string): IndividualDevice => {
  // A registration ID has no "="; a device ID may.
  const at = entry.indexOf("=");
  return at < 0 ? { registrationId: entry } : { registrationId: entry.slice(0, at), deviceId: entry.slice(at + 1) };
};

/** `ID` or `ID=ETag`; an ID has no "=". */
const adoption = (entry: string): readonly [string, true | string] => {
  const at = entry.indexOf("=");
  const id = at < 0 ? entry : entry.slice(0, at);
  return [nameKey("enrollmentGroupId", id), at < 0 ? true : entry.slice(at + 1)];
};

const individualDeviceRule = (entry: string): string | undefined => {
  const { registrationId, deviceId } = individualDevice(entry);
  const rule = nameError("x509RegistrationId", registrationId);
  return rule ?? (deviceId === undefined ? undefined : nameError("deviceId", deviceId));
};

const idOf = (entry: string): string => (entry.startsWith("id=") ? entry.slice(3) : entry);

const revokedRule = (entry: string): string | undefined =>
  thumbprintOf(entry) !== undefined
    ? undefined
    : ((entry.startsWith("id=") ? undefined : malformedThumbprintReason(entry)) ??
      nameError("registrationId", idOf(entry)));

/** Azure REST API "IoT Hub Resource – Create Event Hub Consumer Group" names no rule; Event Hubs have this one. */
const consumerGroupRule = (name: string): string | undefined =>
  /^(?:|\$Default|[A-Za-z0-9](?:[\w.-]{0,48}[A-Za-z0-9])?)$/i.test(name)
    ? undefined
    : "must be $Default, or 1 to 50 letters, digits and . - _, starting and ending with a letter or digit";

const EXTENSIONS = [".csv", ".json", ".jsonl"];

const fileRule = (path: string): string | undefined =>
  path === "" || EXTENSIONS.includes(extname(path).toLowerCase()) ? undefined : `must end in ${EXTENSIONS.join(", ")}`;

/** Reads the settings of devices. An entry of `revoked` is a thumbprint by its form, else a registration ID. */
export function readDevices(read: SettingsReader): DeviceSettings {
  const individualsFile = read.text("individualsFile", "", fileRule);
  const revoked = read.list("revoked", [], revokedRule);
  const ids = revoked
    .filter((entry) => thumbprintOf(entry) === undefined)
    .map((entry) => nameKey("registrationId", idOf(entry)));
  const thumbprints = revoked.map(thumbprintOf).filter((each) => each !== undefined);
  const groupDevices = read.list("groupDevices", ["group-device-01"], (id) => nameError("x509RegistrationId", id));
  const individuals = read.list("individualDevices", ["individual-device-01=sensor-01"], individualDeviceRule);
  const disabled = read.list("disabledEnrollments", [], (id) => nameError("enrollmentGroupId", id));
  const adopt = read.list("adopt", [], (entry) => nameError("enrollmentGroupId", adoption(entry)[0]));
  return {
    groupDevices,
    individualDevices: individuals.map(individualDevice),
    transport: read.choice("transport", TRANSPORTS, "https"),
    receiptConsumerGroup: read.text("receiptConsumerGroup", "$Default", consumerGroupRule) || undefined,
    individualsFile: individualsFile === "" ? undefined : individualsFile,
    revoked: [...new Set(ids)],
    revokedThumbprints: [...new Set(thumbprints)],
    disabledEnrollments: [...new Set(disabled.map((id) => nameKey("enrollmentGroupId", id)))],
    adopt: Object.fromEntries(adopt.map(adoption)),
  };
}
