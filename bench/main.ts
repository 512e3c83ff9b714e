import { cpus, totalmem } from "node:os";
import { heedInterrupts, isInterrupted } from "./interrupt";
import { holds, type Measurement, sentence } from "./measure";
import { azScriptMeasurements } from "./suites/azScript";
import { enrollmentMeasurements } from "./suites/enrollments";
import { eventMeasurements } from "./suites/events";
import { fleetMeasurements } from "./suites/fleet";
import { growthMeasurements } from "./suites/growth";
import { issuingMeasurements } from "./suites/issuing";
import { mqttMeasurements } from "./suites/mqtt";
import { operatorMeasurements } from "./suites/operator";
import { packageMeasurements } from "./suites/packages";
import { pathMeasurements } from "./suites/paths";
import { registrationMeasurements } from "./suites/registration";
import { signingMeasurements } from "./suites/signing";
import { stackMeasurements } from "./suites/stack";
import { vaultIssuingMeasurements } from "./suites/vaultIssuing";

const SUITES: Readonly<Record<string, () => Promise<Measurement[]>>> = {
  stack: stackMeasurements,
  script: azScriptMeasurements,
  registration: registrationMeasurements,
  growth: growthMeasurements,
  fleet: fleetMeasurements,
  issuing: issuingMeasurements,
  vaultIssuing: vaultIssuingMeasurements,
  signing: signingMeasurements,
  paths: pathMeasurements,
  enrollments: enrollmentMeasurements,
  operator: operatorMeasurements,
  events: eventMeasurements,
  mqtt: mqttMeasurements,
  packages: packageMeasurements,
};

/**
 * `npm run bench -- [--json] [SUITE …]`, the suites being those of the table above: ratios in one run; exit code 1 when a
 * bound is missed.
 */
async function main(args: readonly string[]): Promise<void> {
  const json = args.includes("--json");
  const named = args.filter((arg) => !arg.startsWith("--"));
  const unknown = named.filter((name) => !(name in SUITES));
  if (unknown.length > 0) {
    throw new Error(`unknown suite ${unknown.join(", ")}: there are ${Object.keys(SUITES).join(", ")}`);
  }
  const machine = {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    at: new Date().toISOString(),
  };
  if (!json) process.stdout.write(`On ${machine.platform}, ${machine.cores} cores, Node ${machine.node}\n`);
  let missed = false;
  for (const [name, suite] of Object.entries(SUITES)) {
    if (named.length > 0 && !named.includes(name)) continue;
    process.stderr.write(`measuring ${name} …\n`);
    for (const result of await suite()) {
      missed ||= !holds(result);
      process.stdout.write(
        json ? `${JSON.stringify({ ...result, holds: holds(result), machine })}\n` : `${sentence(result)}\n`,
      );
    }
  }
  if (missed) process.exitCode = 1;
}

heedInterrupts();
main(process.argv.slice(2)).catch((error: unknown) => {
  if (isInterrupted()) process.exit(130);
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
