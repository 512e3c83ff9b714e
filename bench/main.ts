import { cpus, totalmem } from "node:os";
import { azScriptMeasurements } from "./azScript";
import { enrollmentMeasurements } from "./enrollments";
import { eventMeasurements } from "./events";
import { fleetMeasurements } from "./fleet";
import { growthMeasurements } from "./growth";
import { heedInterrupts, isInterrupted } from "./interrupt";
import { issuingMeasurements } from "./issuing";
import { holds, type Measurement, sentence } from "./measure";
import { mqttMeasurements } from "./mqtt";
import { operatorMeasurements } from "./operator";
import { packageMeasurements } from "./packages";
import { pathMeasurements } from "./paths";
import { registrationMeasurements } from "./registration";
import { signingMeasurements } from "./signing";
import { stackMeasurements } from "./stack";
import { vaultIssuingMeasurements } from "./vaultIssuing";

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
