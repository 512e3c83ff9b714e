import { readFileSync } from "node:fs";
import { TRANSPORTS } from "../../azure/devices/device";
import { openHubSession } from "../../azure/devices/openDevice";
import { SetupError } from "../../bootstrap/setupError.cjs";
import type { ExportedDeployment } from "../../operator/stack/exportedState";
import { type Paths, STACK } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { type DeployedDevice, deployedDevices } from "../devices/deployedDevices";
import { talk } from "../devices/telemetrySchedule";
import { type Prepared, prepare } from "../preparedEngine";
import { output } from "../runProgram";

const DEFAULT_INTERVAL_SECONDS = 5;

async function devicesOf({ cli, env, paths }: Prepared): Promise<readonly DeployedDevice[]> {
  const command = ["stack", "export", "--show-secrets", "--stack", STACK];
  const text = await output(cli.file, command, { cwd: paths.root, env });
  return deployedDevices((JSON.parse(text) as { deployment: ExportedDeployment }).deployment);
}

/**
 * `npm run devices [-- --transport NAME --interval SECONDS --count N --device ID]`: the sample devices of the stack `dev` send
 * telemetry and respond to their hub until Ctrl-C. Exit code 1 if no message was accepted.
 */
export async function devices(paths: Paths, args: Arguments): Promise<number> {
  const prepared = await prepare(paths);
  const wanted = args.text("device");
  const chosen = (await devicesOf(prepared)).filter(({ deviceId }) => wanted === undefined || deviceId === wanted);
  if (chosen.length === 0) {
    const which = wanted === undefined ? "no sample device" : `no sample device ${wanted}`;
    throw new SetupError(
      "NO_DEVICE",
      "There is no device that could send telemetry.",
      `The stack ${STACK} has ${which} that is registered and has its key in the state.`,
      ["npm run up", "set groupDevices or individualDevices, with deviceCredentials state"],
    );
  }
  const { env } = prepared;
  const ca = env.NODE_EXTRA_CA_CERTS === undefined ? undefined : readFileSync(env.NODE_EXTRA_CA_CERTS, "utf8");
  const wantedTransport = TRANSPORTS.find((each) => each === args.text("transport"));
  const ending = new AbortController();
  const end = () => ending.abort();
  process.once("SIGINT", end).once("SIGTERM", end);
  const schedule = {
    intervalMs: (args.number("interval") ?? DEFAULT_INTERVAL_SECONDS) * 1000,
    count: args.number("count"),
    signal: ending.signal,
    print: (line: string) => void process.stdout.write(`${new Date().toISOString()}  ${line}\n`),
  };
  const accepted = await Promise.all(
    chosen.map((device) => {
      const transport = wantedTransport ?? device.transport;
      return talk(device, () => openHubSession(transport, { ...device.credentials, ca }, device, env), schedule);
    }),
  );
  const total = accepted.reduce((sum, each) => sum + each, 0);
  process.stdout.write(`${total} messages accepted. npm run telemetry lists what the hub received.\n`);
  return total > 0 ? 0 : 1;
}
