import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { issueMany } from "../../certs/bulk/issueMany";
import { numberedIds } from "../../certs/bulk/registrationIds";
import { readCertificates } from "../../certs/certificate";
import { readPrivateKey } from "../../certs/keys";
import { type LocalAzure, withLocalAzure } from "../environment/localAzure";
import { hasEnded, ROOT, timed } from "../environment/processes";
import { createRegistrationEnvironment, type RegistrationEnvironment } from "../environment/registrationEnvironment";
import { compare, type Measurement, measurement } from "../measure";

/** Devices of a round, whole multiples of those that a fleet and a program of the SDK register at once; requests at once. */
const DEVICES = 640;
const AT_ONCE = 32;
const ROUNDS = 3;
/** Devices of the two fleets by which memory is compared. */
const FEW = 5_000;
const MANY = 10_000;
/** The most megabytes that a fleet of {@link MANY} may take. */
const MEMORY_LIMIT = 400;

/** Azure's own SDK for Node, at the versions of the tests of clients. */
const SDK = [
  "azure-iot-provisioning-device@1.9.1",
  "azure-iot-provisioning-device-http@1.9.1",
  "azure-iot-security-x509@1.7.12",
];

async function installedSdk(parent: string): Promise<string> {
  const folder = join(parent, "sdk");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{"private": true}');
  const options = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"];
  await timed("npm", ["install", ...options, ...SDK], { cwd: folder });
  return folder;
}

/** Issues the certificates of a fleet; returns the manifest. */
async function issued(
  { issuer }: RegistrationEnvironment,
  folder: string,
  { prefix, count }: { readonly prefix: string; readonly count: number },
): Promise<string> {
  const chain = readCertificates(Buffer.from(issuer.chain));
  const [certificate] = chain;
  if (certificate === undefined) throw new TypeError("the environment has no issuer");
  const { manifest } = await issueMany({
    registrationIds: numberedIds({ prefix, count }),
    issuer: certificate,
    issuerKey: readPrivateKey(issuer.key),
    above: chain.slice(1),
    folder: join(folder, prefix),
  });
  return manifest;
}

/** The environment of a process for which Azure's names are the local Azure, without a proxy. */
function environmentFor({ facts }: LocalAzure): NodeJS.ProcessEnv {
  const hook = join(ROOT, "emulator", "contract", "preload", "azure.cjs");
  return {
    ...process.env,
    NODE_OPTIONS: `--require ${JSON.stringify(hook)}`,
    ZERO_TOUCH_LOCAL_DIRECT: facts.metadataHost,
    NODE_EXTRA_CA_CERTS: facts.caFile,
  };
}

/** Runs `zero-touch fleet` on a manifest; returns registrations a second and the most megabytes that it took. Linux only for the latter. */
async function runFleet(azure: LocalAzure, idScope: string, manifest: string): Promise<{ rate: number; peak: number }> {
  const out = `${manifest}.run`;
  const options = ["--id-scope", idScope, "--manifest", manifest, "--out", out, "--messages", "0"];
  const child = spawn(
    process.execPath,
    [join(ROOT, "cli", "zero-touch.cjs"), "fleet", ...options, "--concurrency", String(AT_ONCE)],
    { env: environmentFor(azure), stdio: ["ignore", "ignore", "inherit"] },
  );
  const exit = once(child, "exit");
  let peak = 0;
  while (!hasEnded(child)) {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // It has ended.
    }
    await Promise.race([exit, pause(200)]);
  }
  if (child.exitCode !== 0) throw new Error(`the fleet ended with ${child.exitCode ?? child.signalCode}`);
  const { registered, seconds } = JSON.parse(readFileSync(join(out, "report.json"), "utf8")) as {
    readonly registered: number;
    readonly seconds: number;
  };
  return { rate: registered / seconds, peak };
}

/** Registrations a second of a fleet against Azure's own SDK, with the delays of Azure and without, and memory by the number of devices. */
export function fleetMeasurements(): Promise<Measurement[]> {
  return withLocalAzure(async (azure, folder) => {
    const environment = await createRegistrationEnvironment(azure);
    const { idScope } = environment;
    const sdk = await installedSdk(folder);
    let round = 0;
    const next = (prefix: string, count = DEVICES) =>
      issued(environment, folder, { prefix: `${prefix}${round++}-`, count });
    const sdkRate = async (): Promise<number> => {
      const args = ["-r", "ts-node/register", join(ROOT, "bench", "rivals", "sdkRegistrations.ts")];
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [...args, sdk, await next("sdk"), idScope, String(AT_ONCE)],
        { cwd: ROOT, env: environmentFor(azure) },
      );
      return Number(stdout);
    };
    // Both are warm: the server has compiled its code.
    await sdkRate();
    const fleetRate = (name: string, bound: Measurement["bound"]) =>
      compare({
        name,
        what: `zero-touch fleet, keys and chains from files, journal, ${AT_ONCE} requests at once`,
        rival: `azure-iot-provisioning-device over HTTPS, keys and chains from files, ${AT_ONCE} devices at once`,
        unit: "registrations/s",
        bound,
        rounds: ROUNDS,
        theirs: sdkRate,
        ours: async () => (await runFleet(azure, idScope, await next("fleet"))).rate,
      });
    await azure.realDelays(true);
    const withDelays = await fleetRate("fleet", { atLeast: 3 });
    await azure.realDelays(false);
    const withoutDelays = await fleetRate("fleet.tls", { atLeast: 0.8 });
    const few = await runFleet(azure, idScope, await next("few", FEW));
    const many = await runFleet(azure, idScope, await next("many", MANY));
    const memory = measurement({
      name: "fleet.memory",
      what: `most resident memory of zero-touch fleet with ${MANY} devices`,
      rival: `the same with ${FEW}`,
      unit: "MB",
      bound: { atMost: 1.25 },
      limit: MEMORY_LIMIT,
      samples: { ours: [many.peak], theirs: [few.peak] },
    });
    return [withDelays, withoutDelays, memory];
  });
}
