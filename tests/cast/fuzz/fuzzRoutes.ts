import { assemble } from "../../../emulator/assemble";
import type { ControlDependencies } from "../../../emulator/control/controlDependencies";
import { controlService } from "../../../emulator/control/controlService";
import { ShiftableClock } from "../../../emulator/kernel/clock";
import type { Operation } from "../../../emulator/kernel/operation";
import { TENANT } from "../armHarness";
import { entraKey } from "../rsaKeys";
import { testDependencies } from "../testDependencies";

/** The services that are fuzzed, by the names in the assembly. */
export type FuzzedService = "arm" | "entra" | "graph" | "machine" | "dpsDevice" | "dps" | "hub" | "vault" | "control";

/** One operation of a service. */
export interface FuzzRoute extends Pick<Operation, "name" | "method" | "path"> {
  readonly service: FuzzedService;
}

/** Every operation that the services register: a new one is fuzzed without an edit here. */
export function fuzzRoutes(): FuzzRoute[] {
  const shared = { ...testDependencies(), clock: new ShiftableClock() };
  const { definitions } = assemble(shared, TENANT, entraKey());
  // Only the list of its operations is used.
  const control = controlService({} as ControlDependencies);
  const routes = Object.entries({ ...definitions, control }).flatMap(([service, { operations }]) =>
    operations.map(({ name, method, path }) => ({ service: service as FuzzedService, name, method, path })),
  );
  shared.database.close();
  return routes;
}
