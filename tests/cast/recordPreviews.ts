/**
 * Records real previews for the tests of review/: `node -r ts-node/register tests/cast/recordPreviews.ts`, some minutes.
 * The real engine previews the project's stack on its own local Azure, once for each scenario; what names this machine or
 * the time is removed. Afterwards `UPDATE_DOCS=1 npx mocha tests/unit/review tests/unit/docs.test.ts` writes the reports.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathsOf } from "../../cli/checkoutPaths";
import { commandFile } from "../../cli/commands/check";
import { azureClient } from "./azureClient";
import { startTestAzure } from "./localAzure";
import { PREVIEWS, previewFile, type RecordedName } from "./previews";
import { StackProject } from "./stackProject";

/** The configuration of a scenario, key by key as for `pulumi config set --path`. */
type Configuration = Readonly<Record<string, string>>;

const SCENARIOS: readonly { readonly name: RecordedName; readonly set: Configuration }[] = [
  { name: "unchanged", set: {} },
  { name: "hubSku", set: { hubSku: "S2", hubUnits: "2" } },
  { name: "hubReplaced", set: { hubName: "another-hub" } },
  { name: "serviceReplaced", set: { provisioningServiceName: "another-service" } },
  { name: "locationChanged", set: { "azure-native:location": "northeurope" } },
  { name: "enrollmentChanged", set: { "individualDevices[0]": "individual-device-01=sensor-02" } },
  { name: "groupReplaced", set: { enrollmentGroupId: "line-2" } },
  { name: "rootReplaced", set: { rootName: "Another Root" } },
  { name: "intermediateChanged", set: { intermediateName: "Another Intermediate" } },
  { name: "rolloverBegun", set: { "caGenerations[0]": "1", "caGenerations[1]": "2" } },
  { name: "deviceRevoked", set: { "revoked[0]": "group-device-01" } },
  { name: "deviceRemoved", set: { "groupDevices[0]": "group-device-02" } },
  { name: "lifetimeChanged", set: { deviceLifetimeDays: "90" } },
  { name: "verificationAsserted", set: { verification: "asserted" } },
  { name: "expiryNear", set: { expiryWarningDays: "36500" } },
  { name: "settingsFaulty", set: { hubSku: "S9", hubUnits: "900" } },
];

const DROPPED = new Set(["created", "modified", "sourcePosition", "stackTrace", "duration"]);

/** Without times and folders; the forwarder's text is cut to its first line. */
function scrubbed(value: unknown, key = ""): unknown {
  if (key === "__provider") return String(value).split("\n")[0];
  if (Array.isArray(value)) return value.map((each) => scrubbed(each));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !DROPPED.has(name));
  return Object.fromEntries(entries.map(([name, each]) => [name, scrubbed(each, name)]));
}

async function main(): Promise<void> {
  const azure = await startTestAzure();
  const client = azureClient(azure.ready);
  const project = await StackProject.create(azure.env);
  const stack = ["--stack", "dev"];
  const record = async (name: RecordedName, ...command: string[]): Promise<void> => {
    const { output } = await project.run(...command, "--json", ...stack);
    const document: unknown = JSON.parse(output.slice(output.indexOf("{"), output.lastIndexOf("\n}") + 2));
    writeFileSync(previewFile(name), `${JSON.stringify(scrubbed(document), undefined, 2)}\n`);
    process.stdout.write(`${name}\n`);
  };
  const configure = async (...args: string[]): Promise<void> => {
    const { code, output } = await project.run("config", ...args, ...stack);
    if (code !== 0) throw new Error(output);
  };
  try {
    await record("newStack", "preview");
    const { code, output } = await project.up();
    if (code !== 0) throw new Error(output);
    for (const { name, set } of SCENARIOS) {
      for (const [key, value] of Object.entries(set)) await configure("set", "--path", key, value);
      await record(name, "preview");
      for (const key of new Set(Object.keys(set).map((each) => each.replace(/\[.*/, "")))) await configure("rm", key);
      if ("azure-native:location" in set) await configure("set", "azure-native:location", "westeurope");
    }
    await record("destroyed", "destroy", "--preview-only");

    const { serviceEndpoint } = project.outputs();
    const bearer = await client.token("https://azure-devices-provisioning.net/.default");
    const url = (path: string): string => `https://${String(serviceEndpoint)}${path}?api-version=2021-10-01`;
    const { body } = await client.send("GET", url("/enrollmentGroups/sample-group"), { bearer });
    await client.send("PUT", url("/enrollmentGroups/sample-group"), {
      ...{ bearer, headers: { "if-match": "*" } },
      body: { ...(body as object), provisioningStatus: "disabled" },
    });
    await client.send("DELETE", url("/enrollments/individual-device-01"), { bearer });
    await record("drifted", "preview", "--refresh");
    await record("driftedByRefresh", "refresh", "--preview-only");
  } finally {
    project.remove();
    await client.close();
    await azure.close();
  }
  const { root } = pathsOf();
  const biome = commandFile(root, "@biomejs/biome", "biome");
  execFileSync(process.execPath, [biome, "format", "--write", join(root, PREVIEWS)], { cwd: root, stdio: "inherit" });
}

void main();
