import { isObject } from "../azure/wire/jsonObject";
import type { StoredEvent } from "./local/controlClient";

/** The message that a device sent: its body, and how the hub accepted it: 204, PUBACK or `accepted`. */
export interface TelemetryOutput {
  readonly sent: unknown;
  readonly accepted: number | string;
}

/** A receipt as the stack's output `telemetryReceipts` lists it. */
export interface ReceiptOutput {
  readonly deviceId: string;
  readonly status: string;
  readonly reason?: string;
  readonly partition?: string;
  readonly sequenceNumber?: number;
  readonly enqueuedTime?: string;
}

/** A device as the stack's output `devices` lists it. */
export interface DeviceOutput {
  readonly registrationId: string;
  readonly deviceId: string;
  readonly assignedHub: string;
  readonly status: string;
  readonly telemetry?: TelemetryOutput;
}

/** The stack's outputs, as far as the summary shows them. A missing one is said to be missing, never made up. */
export interface Outputs {
  readonly resourceGroupName?: string;
  readonly hubName?: string;
  readonly hubHostName?: string;
  readonly provisioningServiceName?: string;
  readonly idScope?: string;
  readonly serviceEndpoint?: string;
  readonly globalEndpoint?: string;
  readonly rootCertificate?: { name?: string; thumbprint?: string; isVerified?: boolean; notAfter?: string };
  readonly enrollmentGroups?: readonly unknown[];
  readonly individualEnrollments?: readonly unknown[];
  /** Only where the stack has a file of individual enrollments. */
  readonly enrollmentList?: { readonly count: number };
  /** Only where the stack keeps something in a vault. `keys` and `secrets` are addresses. */
  readonly keyVault?: {
    readonly name: string;
    readonly uri: string;
    readonly keys: readonly string[];
    readonly secrets: readonly string[];
  };
  readonly devices?: readonly DeviceOutput[];
  /** Only where the stack reads the messages of its devices back. */
  readonly telemetryReceipts?: readonly ReceiptOutput[];
}

const MISSING = "(not among the stack's outputs)";

/** The name in an entry of an enrollment list: the entry itself, or what it calls its name. */
function nameOf(entry: unknown): string {
  if (typeof entry === "string") return entry;
  if (!isObject(entry)) return String(entry);
  const name = entry.name ?? entry.enrollmentGroupId ?? entry.registrationId ?? entry.id;
  return typeof name === "string" ? name : JSON.stringify(entry);
}

function names(entries: readonly unknown[] | undefined): string {
  if (entries === undefined) return MISSING;
  return entries.length === 0 ? "none" : entries.map(nameOf).join(", ");
}

/** How a hub accepted a message, in words: the outcome of AMQP is the word itself. */
export const acceptedWords = (accepted: number | string): string =>
  accepted === "accepted" ? accepted : `accepted with ${accepted}`;

/** What the stack read back, in words. */
function receiptWords({ status, reason, partition, sequenceNumber, enqueuedTime }: ReceiptOutput): string {
  if (status !== "received") return `not read back: ${reason ?? "(unknown)"}`;
  return `read back from the hub's events of ${enqueuedTime} (partition ${partition}, number ${sequenceNumber})`;
}

/**
 * The telemetry of one device in words: what the stack sent, the hub's status, what was read back of it, and what the local Azure's
 * control listener has.
 */
export function telemetryWords(
  telemetry: TelemetryOutput | undefined,
  events: readonly StoredEvent[],
  receipt?: ReceiptOutput,
): string {
  const parts =
    telemetry === undefined
      ? ["no message sent by the stack"]
      : [`last message sent ${JSON.stringify(telemetry.sent)}`, acceptedWords(telemetry.accepted)];
  if (telemetry !== undefined && receipt !== undefined) parts.push(receiptWords(receipt));
  const last = events.at(-1);
  // A receipt says more than the control listener.
  if (last === undefined) parts.push("NOT received by the hub");
  else if (receipt?.status !== "received") parts.push(`received by the hub at ${last.enqueuedTimeUtc}`);
  if (events.length > 1) parts.push(`${events.length} messages in all`);
  return parts.join(", ");
}

function line(label: string, value: string | undefined): string {
  return `  ${label.padEnd(24)}${value ?? MISSING}`;
}

function rootLines(root: Outputs["rootCertificate"]): readonly string[] {
  if (root === undefined) return [line("Root certificate", undefined)];
  const verified = root.isVerified === true ? "verified" : "NOT verified";
  return [
    line("Root certificate", `${root.name ?? "(no name)"}, ${verified}, expires ${root.notAfter ?? "(unknown)"}`),
    line("", `thumbprint ${root.thumbprint ?? "(unknown)"}`),
  ];
}

function vaultLines(vault: Outputs["keyVault"]): readonly string[] {
  if (vault === undefined) return [];
  return [
    line("Key Vault", `${vault.name} (${vault.uri})`),
    ...vault.keys.map((id) => line("  CA key", id)),
    ...vault.secrets.map((id) => line("  device's credential", id)),
  ];
}

/** The one summary that `npm run up` ends with. `events` are the hub's, by device ID; plain text, ending in a newline. */
export function summary(outputs: Outputs, events: ReadonlyMap<string, readonly StoredEvent[]>): string {
  const lines = [
    "",
    "The environment is deployed on the local Azure.",
    "",
    line("Resource group", outputs.resourceGroupName),
    line(
      "IoT Hub",
      outputs.hubName === undefined ? undefined : `${outputs.hubName} (${outputs.hubHostName ?? MISSING})`,
    ),
    line("Provisioning service", outputs.provisioningServiceName),
    line("  service endpoint", outputs.serviceEndpoint),
    line("  device endpoint", outputs.globalEndpoint),
    line("  ID scope", outputs.idScope),
    ...vaultLines(outputs.keyVault),
    ...rootLines(outputs.rootCertificate),
    line("Enrollment groups", names(outputs.enrollmentGroups)),
    line("Individual enrollments", names(outputs.individualEnrollments)),
    ...(outputs.enrollmentList === undefined ? [] : [line("  from the file", `${outputs.enrollmentList.count}`)]),
  ];
  const receipts = new Map(outputs.telemetryReceipts?.map((receipt) => [receipt.deviceId, receipt]));
  if (outputs.devices === undefined) lines.push(line("Devices", undefined));
  for (const device of outputs.devices ?? []) {
    lines.push(
      line("Device", `${device.registrationId}, device ID ${device.deviceId}`),
      line("  assigned hub", device.assignedHub),
      line("  status", device.status),
      line(
        "  telemetry",
        telemetryWords(device.telemetry, events.get(device.deviceId) ?? [], receipts.get(device.deviceId)),
      ),
    );
  }
  lines.push(
    "",
    'Next: eval "$(npm run -s env)" points this shell at it, for pulumi, curl and the Azure SDKs',
    "      (other shells: npm run -s env -- --shell powershell|cmd|fish);",
    "      npm run telemetry lists the messages; npm run down destroys the stack and stops the local Azure.",
    "",
    "",
  );
  return lines.join("\n");
}
