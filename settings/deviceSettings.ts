import { extname } from "node:path";
import { nameFault, nameKey } from "../azure/names";
import type { SettingsReader } from "./settingsReader";

/** A sample device with an enrollment of its own. */
export interface IndividualDevice {
  readonly registrationId: string;
  /** The device's ID in the hub; undefined: the registration ID. */
  readonly deviceId: string | undefined;
}

/** Which devices there are, and what is to become of them. */
export interface DeviceSettings {
  readonly groupDevices: readonly string[];
  readonly individualDevices: readonly IndividualDevice[];
  /** A file of further individual enrollments, `.csv`, `.json` or `.jsonl`, below the folder of Pulumi.yaml. */
  readonly individualsFile: string | undefined;
  /** Registration IDs that must come in no more, of sample devices or others; lower case. */
  readonly revoked: ReadonlySet<string>;
  /** SHA-1 or SHA-256 of certificates whose devices must come in no more: upper-case hexadecimal without colons. */
  readonly revokedThumbprints: ReadonlySet<string>;
  /** Enrollments that are taken over: by ID in lower case, `true` or the ETag that they must have. */
  readonly adopt: ReadonlyMap<string, true | string>;
}

const individualDevice = (entry: string): IndividualDevice => {
  // A registration ID has no "="; a device ID may.
  const at = entry.indexOf("=");
  return at < 0
    ? { registrationId: entry, deviceId: undefined }
    : { registrationId: entry.slice(0, at), deviceId: entry.slice(at + 1) };
};

/** `ID` or `ID=ETag`; neither kind of ID has a "=". */
const adopted = (entry: string): readonly [string, true | string] => {
  const at = entry.indexOf("=");
  const id = at < 0 ? entry : entry.slice(0, at);
  return [nameKey("enrollmentGroupId", id), at < 0 ? true : entry.slice(at + 1)];
};

const individualDeviceFault = (entry: string): string | undefined => {
  const { registrationId, deviceId } = individualDevice(entry);
  return (
    nameFault("x509RegistrationId", registrationId) ??
    (deviceId === undefined ? undefined : nameFault("deviceId", deviceId))
  );
};

/** 20 or 32 octets in hexadecimal, with colons between all or none, as OpenSSL and Azure write them. */
const THUMBPRINT = /^(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{2}(?::[0-9a-f]{2}){19}|[0-9a-f]{2}(?::[0-9a-f]{2}){31})$/i;

/** What an entry of `revoked` means: a thumbprint by its form, else a registration ID; `id=` says that it is one. */
const revokedEntry = (entry: string): { readonly id: string } | { readonly thumbprint: string } =>
  THUMBPRINT.test(entry)
    ? { thumbprint: entry.replaceAll(":", "").toUpperCase() }
    : { id: entry.startsWith("id=") ? entry.slice(3) : entry };

const revokedFault = (entry: string): string | undefined => {
  const revoked = revokedEntry(entry);
  return "id" in revoked ? nameFault("registrationId", revoked.id) : undefined;
};

const ENDINGS = [".csv", ".json", ".jsonl"];

const fileFault = (path: string): string | undefined =>
  path === "" || ENDINGS.includes(extname(path).toLowerCase()) ? undefined : `must end in ${ENDINGS.join(", ")}`;

/** Reads the settings of devices; each fault goes to the reader. */
export function readDevices(read: SettingsReader): DeviceSettings {
  const individualsFile = read.text("individualsFile", "", fileFault);
  const revoked = read.list("revoked", [], revokedFault).map(revokedEntry);
  return {
    groupDevices: read.list("groupDevices", ["group-device-01"], (value) => nameFault("x509RegistrationId", value)),
    individualDevices: read
      .list("individualDevices", ["individual-device-01=sensor-01"], individualDeviceFault)
      .map(individualDevice),
    individualsFile: individualsFile === "" ? undefined : individualsFile,
    revoked: new Set(revoked.flatMap((each) => ("id" in each ? [nameKey("registrationId", each.id)] : []))),
    revokedThumbprints: new Set(revoked.flatMap((each) => ("thumbprint" in each ? [each.thumbprint] : []))),
    adopt: new Map(read.list("adopt", [], (value) => nameFault("enrollmentGroupId", adopted(value)[0])).map(adopted)),
  };
}
