import { extname } from "node:path";
import { nameFault, nameKey } from "../azure/names";
import type { SettingsReader } from "./reader";

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

const ENDINGS = [".csv", ".json", ".jsonl"];

const fileFault = (path: string): string | undefined =>
  path === "" || ENDINGS.includes(extname(path).toLowerCase()) ? undefined : `must end in ${ENDINGS.join(", ")}`;

/** Reads the settings of devices; each fault goes to the reader. */
export function readDevices(read: SettingsReader): DeviceSettings {
  const individualsFile = read.text("individualsFile", "", fileFault);
  return {
    groupDevices: read.list("groupDevices", ["group-device-01"], (value) => nameFault("x509RegistrationId", value)),
    individualDevices: read
      .list("individualDevices", ["individual-device-01=sensor-01"], individualDeviceFault)
      .map(individualDevice),
    individualsFile: individualsFile === "" ? undefined : individualsFile,
    revoked: new Set(
      read
        .list("revoked", [], (value) => nameFault("registrationId", value))
        .map((value) => nameKey("registrationId", value)),
    ),
    adopt: new Map(read.list("adopt", [], (value) => nameFault("enrollmentGroupId", adopted(value)[0])).map(adopted)),
  };
}
