import type { DeviceCredentials } from "../../azure/clients/mutualTls";
import { TRANSPORTS, type TransportName } from "../../azure/devices/device";
import { isObject } from "../../azure/wire/jsonObject";
import { type ExportedDeployment, secretOf } from "../../operator/stack/exportedState";

/** A registered sample device with what it shows to its hub. */
export interface DeployedDevice {
  readonly deviceId: string;
  /** Host name. */
  readonly hub: string;
  /** Degrees Celsius. */
  readonly temperature: number;
  readonly transport: TransportName;
  readonly credentials: DeviceCredentials;
}

const REGISTRATION = "pulumi-nodejs:dynamic/iot:DeviceRegistration";
const CERTIFICATE = "pulumi-nodejs:dynamic/iot:DeviceCertificate";

const textOf = (outputs: Readonly<Record<string, unknown>>, name: string): string => {
  const value = outputs[name];
  return typeof value === "string" ? value : "";
};

/**
 * The sample devices of a deployment that are assigned to a hub, with keys in the state. `deployment` is exported with its
 * secrets.
 */
export function deployedDevices(deployment: ExportedDeployment): readonly DeployedDevice[] {
  const of = (type: string) => (deployment.resources ?? []).filter((resource) => resource.type === type);
  const keys = new Map(
    of(CERTIFICATE).map(({ urn, outputs = {} }) => [
      textOf(outputs, "registrationId"),
      secretOf(deployment, urn, "privateKey"),
    ]),
  );
  return of(REGISTRATION).flatMap(({ outputs = {} }): DeployedDevice[] => {
    const privateKey = keys.get(textOf(outputs, "registrationId"));
    if (outputs.status !== "assigned" || privateKey === undefined) return [];
    const { sent } = isObject(outputs.telemetry) ? outputs.telemetry : {};
    return [
      {
        deviceId: textOf(outputs, "deviceId"),
        hub: textOf(outputs, "assignedHub"),
        temperature: isObject(sent) ? Number(sent.temperature) : 30,
        // A state of before has none.
        transport: TRANSPORTS.find((each) => each === outputs.transport) ?? "https",
        credentials: { certificateChain: textOf(outputs, "certificateChain"), privateKey },
      },
    ];
  });
}
