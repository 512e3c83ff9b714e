/** Reads each kind of log, by its role. */
import { createReadStream, existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { isObject } from "../../azure/wire/jsonObject";
import type { StackResource } from "../stack/operatorStack";
import type { StackDependencies } from "../stack/stackDependencies";
import { dynamicResources, outputsOf, textOf } from "../stack/stampInformation";
import type { OperatorStore } from "../store/operatorStore";
import { isWithin, type LogEntry, type LogRange, type LogRole } from "./logEntry";

/** What the sources read. */
export interface LogDependencies extends StackDependencies {
  readonly store: OperatorStore;
  readonly range: LogRange;
  /** The stack's resources, which are read once. */
  readonly resources: () => Promise<readonly StackResource[]>;
}

/** Number of updates, and of records of a service, that are read. */
const UPDATES = 100;
const RECORDS = 1000;

const parsed = (line: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : {};
  } catch {
    // A line that is being written, or cut off.
    return {};
  }
};

/** Members of a transcript's entry that a log shows. */
const SHOWN = ["user", "role", "source", "credential", "instance", "line", "error", "reason", "until"] as const;

/** Sign-ins of the operator endpoint, and its sessions: which command ran when. Outputs stay in the transcripts. */
async function operatorEntries(dependencies: LogDependencies): Promise<readonly LogEntry[]> {
  return [
    ...(await fileEntries(dependencies.endpointLog, "event", "Operator", dependencies)),
    ...(await sessionEntries(dependencies)),
  ];
}

async function sessionEntries({ store, range }: LogDependencies): Promise<readonly LogEntry[]> {
  const logs = await store.listLogs("transcripts/");
  const found = await Promise.all(
    logs.map(async (log) => {
      const lines = ((await store.readLog(log)) ?? Buffer.alloc(0)).toString("utf8").split("\n").map(parsed);
      const session = log.slice("transcripts/".length);
      return lines.flatMap(({ time, kind, data }): LogEntry[] => {
        if (!isWithin(range, time) || kind === "output") return [];
        const given = isObject(data) ? data : {};
        const shown = SHOWN.filter((key) => given[key] !== undefined).map((key) => [key, given[key]]);
        return [
          { time, role: "Operator", text: `Session ${session}: ${String(kind)}.`, data: Object.fromEntries(shown) },
        ];
      });
    }),
  );
  return found.flat();
}

/** Updates of the stack. */
async function pulumiEntries({ stack, range }: LogDependencies): Promise<readonly LogEntry[]> {
  return (await stack.history(UPDATES)).flatMap(({ version, kind, startTime, endTime, result, message, changes }) =>
    isWithin(range, startTime)
      ? [
          {
            time: startTime,
            role: "Pulumi" as const,
            text: `${kind}${version === undefined ? "" : ` ${version}`}: ${result}. ${message}`.trim(),
            data: { endTime, changes },
          },
        ]
      : [],
  );
}

/** Registrations through the stack's enrollment groups, by their last change. */
async function provisioningEntries(dependencies: LogDependencies): Promise<readonly LogEntry[]> {
  const { azure, range } = dependencies;
  const resources = await dependencies.resources();
  const endpoint = textOf(outputsOf(resources), "serviceEndpoint");
  const groups = dynamicResources(resources, "EnrollmentGroup").map(({ outputs }) =>
    textOf(outputs, "enrollmentGroupId"),
  );
  const pages = await Promise.all(
    groups.map(async (group) => (await azure.registrations(endpoint, group).page(RECORDS)).items),
  );
  return pages.flat().flatMap(({ registrationId, status, substatus, lastUpdatedDateTimeUtc: time, ...record }) => {
    if (!isWithin(range, time)) return [];
    const { assignedHub, deviceId, errorCode, errorMessage } = record;
    const data = { assignedHub, deviceId, substatus, errorCode, errorMessage };
    return [{ time, role: "ProvisioningService" as const, text: `Registration ${registrationId}: ${status}.`, data }];
  });
}

/** Devices of the hub, by the last change of their connection. */
async function hubEntries({ resources, azure, range }: LogDependencies): Promise<readonly LogEntry[]> {
  const host = textOf(outputsOf(await resources()), "hubHostName");
  const { items } = await azure.twins(host).page(RECORDS);
  return items.flatMap((twin) => {
    const {
      deviceId,
      status,
      statusReason,
      connectionState,
      lastActivityTime: time,
    } = twin as typeof twin & {
      readonly status?: string;
      readonly statusReason?: string;
      readonly connectionState?: string;
      readonly lastActivityTime?: string;
    };
    if (!isWithin(range, time)) return [];
    const text = `Device ${deviceId}: ${status}, ${connectionState}.`;
    return [{ time, role: "IotHub" as const, text, data: { statusReason } }];
  });
}

/** The log of the local Azure. */
const localAzureEntries = (dependencies: LogDependencies): Promise<readonly LogEntry[]> =>
  fileEntries(dependencies.localAzureLog, "msg", "LocalAzure", dependencies);

/** A file of JSON lines. `textName`: the member that says what happened. */
async function fileEntries(
  file: string | undefined,
  textName: string,
  role: LogRole,
  { range }: LogDependencies,
): Promise<readonly LogEntry[]> {
  if (file === undefined || !existsSync(file)) return [];
  const entries: LogEntry[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { time, [textName]: text, ...data } = parsed(line);
    if (isWithin(range, time)) entries.push({ time, role, text: String(text ?? ""), data });
  }
  return entries;
}

/** The reader of each role. */
export const LOG_SOURCES: Readonly<Record<LogRole, (dependencies: LogDependencies) => Promise<readonly LogEntry[]>>> =
  Object.freeze({
    Operator: operatorEntries,
    Pulumi: pulumiEntries,
    ProvisioningService: provisioningEntries,
    IotHub: hubEntries,
    LocalAzure: localAzureEntries,
  });
