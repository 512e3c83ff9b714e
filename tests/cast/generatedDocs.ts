import { readFileSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import { type ExplainedService, explain, explainedCodes } from "../../azure/explain";
import { environmentOf } from "../../cli/local/localEnvironment";
import { SIGN_IN_WAYS } from "../../cli/local/signInVariables";
import { assemble } from "../../emulator/assemble";
import { newTenant } from "../../emulator/entra/tenant";
import { ShiftableClock } from "../../emulator/kernel/clock";
import { Database } from "../../emulator/kernel/database";
import { randomIds } from "../../emulator/kernel/ids";
import { commandSyntax } from "../../operator/commands/commandText";
import { endpointCommands } from "../../operator/commands/endpointCommands";
import { stackCommands } from "../../operator/commands/stackCommands";
import { POLICIES, schemaOf } from "../../policy/policies";
import { type ConformanceRow, fixedRequest } from "../unit/conformance/conformanceRow";
import { dpsRows, HUB_ROWS } from "../unit/conformance/dataPlaneTable";
import { DPS_DEVICE_ROWS, HUB_DEVICE_ROWS } from "../unit/conformance/deviceTable";
import { ENROLLMENT_ROWS } from "../unit/conformance/enrollmentTable";
import { FILE_UPLOAD_ROWS } from "../unit/conformance/fileUploadTable";
import { LIVE_HUB_ROWS } from "../unit/conformance/liveHubTable";
import { MANAGEMENT_TABLE } from "../unit/conformance/managementTable";
import { REGISTRY_ROWS } from "../unit/conformance/registryTable";
import { SIGN_IN_ROWS } from "../unit/conformance/signInTable";
import { VAULT_ROWS } from "../unit/conformance/vaultTable";
import { aReady } from "./ready";
import { entraKey } from "./rsaKeys";

const ROOT = join(__dirname, "..", "..");

const row = (...cells: string[]): string => `| ${cells.map((cell) => cell.replace(/\|/g, "\\|")).join(" | ")} |`;

/** The support table of each service of the local Azure by the service's name, made from the routes. */
export function supportTables(): ReadonlyMap<string, string> {
  const database = new Database(":memory:");
  const services = {
    database,
    clock: new ShiftableClock(),
    ids: randomIds,
    switches: { throttling: false, realDelays: false },
    log: pino({ enabled: false }),
  };
  const { definitions } = assemble(services, newTenant(), entraKey());
  const tables = Object.values(definitions).map(({ name: service, operations }): [string, string] => {
    const rows = operations.map(({ name, method, path }) => row(name, `\`${method} ${path}\``));
    return [service, `${[row("operation", "request"), "|---|---|", ...rows].join("\n")}\n`];
  });
  database.close();
  return new Map(tables);
}

const EXPLAINED: readonly (readonly [ExplainedService, string])[] = [
  ["dps", "Device Provisioning Service"],
  ["hub", "IoT Hub"],
  ["entra", "Microsoft Entra ID, at sign-in"],
  ["arm", "Azure Resource Manager and Microsoft.Devices"],
  ["vault", "Key Vault"],
];

/** Every error code that the toolkit explains, as it explains it in a failed deployment. */
export function errorTable(): string {
  return EXPLAINED.flatMap(([service, title]) => [
    `### ${title}`,
    "",
    row("code", "what it means", "what to do"),
    "|---|---|---|",
    ...explainedCodes(service).map((code) => {
      const { meaning, remedy } = explain(service, code, 0);
      return row(`\`${code}\``, meaning, remedy);
    }),
    "",
  ]).join("\n");
}

/** The configuration keys, made from Pulumi.yaml. */
export function configurationTable(): string {
  const lines = readFileSync(join(ROOT, "Pulumi.yaml"), "utf8").split("\n");
  const rows: string[] = [];
  let key = "";
  let fields: Record<string, string> = {};
  let list: string[] = [];
  const flush = (): void => {
    if (key === "") return;
    const value = list.length > 0 ? list.join(", ") : (fields.default ?? "");
    const shown = value === '""' ? "" : `\`${value}\``;
    rows.push(row(`\`${key}\``, fields.type ?? "", shown, (fields.description ?? "").replace(/^"|"$/g, "")));
  };
  for (const line of lines.slice(lines.indexOf("config:") + 1)) {
    const top = /^ {2}([A-Za-z]+):$/.exec(line);
    const field = /^ {4}([a-z]+): (.+)$/.exec(line);
    const item = /^ {6}- (.+)$/.exec(line);
    if (top?.[1]) {
      flush();
      [key, fields, list] = [top[1], {}, []];
    } else if (field?.[1] && field[2]) fields[field[1]] = field[2];
    else if (item?.[1]) list.push(item[1]);
  }
  flush();
  return [row("key", "type", "default", "description"), "|---|---|---|---|", ...rows, ""].join("\n");
}

/** Names in one cell; the tests have all. */
const NAMED = 4;

/** The requests of rows that differ for one reason. */
function requestsText(rows: readonly ConformanceRow[]): string {
  const [first] = rows;
  const request = first && fixedRequest(first);
  const names = rows.map(({ name }) => name);
  const more = names.length > NAMED ? ` and ${names.length - NAMED + 1} more` : "";
  if (!first || names.length > 1) return names.slice(0, more ? NAMED - 1 : NAMED).join("; ") + more;
  // The path below the resource group says enough.
  const path = request?.path.replace(/^\/subscriptions\/[^/]+(?:\/resourceGroups\/[^/]+)?/, "");
  return request ? `${first.name}: \`${request.method} ${path}\` returns ${first.status}` : first.name;
}

/** What differs from Azure: the rows of the conformance tables that say so. */
export function differencesTable(): string {
  const tables: readonly (readonly [string, readonly ConformanceRow[]])[] = [
    ["Azure Resource Manager", MANAGEMENT_TABLE],
    ["DPS", [...dpsRows(""), ...ENROLLMENT_ROWS, ...DPS_DEVICE_ROWS]],
    ["IoT Hub", [...HUB_ROWS, ...REGISTRY_ROWS, ...HUB_DEVICE_ROWS, ...FILE_UPLOAD_ROWS, ...LIVE_HUB_ROWS]],
    ["Key Vault", VAULT_ROWS],
    ["Microsoft Entra ID", SIGN_IN_ROWS],
  ];
  const rows = tables.flatMap(([service, table]) => {
    const byReason = new Map<string, ConformanceRow[]>();
    for (const each of table) {
      if (each.differs) byReason.set(each.differs, [...(byReason.get(each.differs) ?? []), each]);
    }
    return [...byReason].map(([reason, alike]) => row(service, requestsText(alike), reason));
  });
  return [row("service", "the local Azure", "Azure, and why"), "|---|---|---|", ...rows, ""].join("\n");
}

/** The commands of the operator endpoint. They are described without what they work with. */
export function operatorCommandTable(): string {
  const unused = {} as never;
  const commands = endpointCommands({ users: unused, support: unused, transcripts: unused }, stackCommands(unused));
  const rows = commands.map((command) => {
    const { about, role, isUnlockedOnly } = command;
    const who = isUnlockedOnly === true ? `${role}, unlocked` : role;
    return row(`\`${commandSyntax(command).replace(" [--json]", "")}\``, about, who);
  });
  return [row("command", "what it does", "role"), "|---|---|---|", ...rows, ""].join("\n");
}

/** The policies, as the pack has them. */
export function policyTable(): string {
  const rows = POLICIES.map((policy) => {
    const options = Object.entries(schemaOf(policy).properties ?? {}).map(([key, schema]) => {
      const initial = typeof schema === "object" ? schema.default : undefined;
      return initial === undefined ? `\`${key}\`` : `\`${key}\` = \`${JSON.stringify(initial)}\``;
    });
    const where = policy.isForProduction ? "production" : "everywhere";
    return row(`\`${policy.name}\``, policy.description, policy.level, where, options.join("<br>"));
  });
  return [
    row("policy", "description", "level", "where", "options and defaults"),
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** The readers of the variables that `npm run env` sets, by the beginning of the variables' names. */
const VARIABLES: readonly (readonly [RegExp, string])[] = [
  [/^https?_proxy$/i, "curl, Python, Go, az, `@azure/*` for Node"],
  [/^mqtt_proxy$/, "Python's MQTT clients (`azure-iot-device`)"],
  [/^no_proxy$/i, "all of these: the loopback needs no proxy, which Pulumi's plugins use"],
  [/^NODE_USE_ENV_PROXY$/, "Node's own clients (Node 22.21, 24): makes them read the proxy variables"],
  [/^NODE_EXTRA_CA_CERTS$/, "Node: adds the local CA to its own roots"],
  [/^SSL_CERT_FILE$/, "Go, curl, Python's `ssl`"],
  [/^(REQUESTS|CURL)_CA_BUNDLE$/, "Python's requests (az), curl"],
  [/^ARM_/, "azure-native"],
  [/^AZURE_CORE_/, "az: sends no telemetry"],
  [/^(AZURE|ACTIONS|IDENTITY)_/, "DefaultAzureCredential, az; which of them, `--sign-in` decides"],
  [/^PULUMI_/, "the Pulumi CLI: its folder, state, passphrase, and the stand-in as the only plugin"],
  [/^PATH$/, "the shell: finds the Pulumi CLI"],
  [/^ZERO_TOUCH_CLOUD$/, "this toolkit: `local`"],
  [/^ZERO_TOUCH_LOCAL_CONTROL$/, "this toolkit: address of the control listener"],
];

/** The variables that point a shell at the local Azure, made from the environment itself. */
export function variableTable(): string {
  const names = new Set(
    SIGN_IN_WAYS.flatMap((signIn) => {
      const paths = { pulumiHome: "/home", state: "/state" };
      return Object.keys(
        environmentOf(aReady(), { paths, bundle: "", cliFolder: "", current: { PATH: "" }, signIn }).set,
      );
    }),
  );
  const rows = VARIABLES.map(([pattern, reader]) => {
    const found = [...names].filter((name) => pattern.test(name));
    for (const name of found) names.delete(name);
    return row(found.map((name) => `\`${name}\``).join(", "), reader);
  });
  if (names.size > 0) throw new Error(`Describe these variables in VARIABLES: ${[...names].join(", ")}`);
  const stack =
    "the Pulumi CLI: `dev`, only where no stack is selected (a moved checkout, `--genuine-plugin`). It overrides `pulumi stack select`; `--stack NAME` overrides it";
  return [row("variable", "read by"), "|---|---|", ...rows, row("`PULUMI_STACK`", stack), ""].join("\n");
}
