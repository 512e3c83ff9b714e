import { type LocalAzure, withLocalAzure } from "../environment/localAzure";
import { register } from "../environment/register";
import { createRegistrationEnvironment, type RegistrationEnvironment } from "../environment/registrationEnvironment";
import { type Measurement, measurement, rate } from "../measure";

const AT_ONCE = 32;
/** Registrations after which the process is warm. */
const WARM = 2_000;
const REGISTRATIONS = 10_000;
const FEW = 100;
const MANY = 100_000;
/** Registrations timed one by one at each size. */
const TIMED = 300;

/** What grows with use and must not: memory by registrations, a registration's time by enrollments. */
export function growthMeasurements(): Promise<Measurement[]> {
  return withLocalAzure(async (azure) => {
    const environment = await createRegistrationEnvironment(azure);
    const registerAll = async (prefix: string, count: number): Promise<void> => {
      for (let from = 0; from < count; from += 1_000) {
        const devices = await environment.devices(`${prefix}${from}`, Math.min(1_000, count - from));
        await rate(devices, AT_ONCE, (device) => register(azure, environment.idScope, device));
      }
    };
    await environment.enroll("few", FEW);
    await registerAll("warm", WARM);
    const before = azure.memory();
    const timesFew = await times(azure, environment, "few-timed");
    await registerAll("more", REGISTRATIONS - WARM);
    const after = azure.memory();
    await environment.enroll("many", MANY - FEW);
    const timesMany = await times(azure, environment, "many-timed");
    const bound = { atMost: 1.25 };
    return [
      measurement({
        name: "memory",
        what: `resident memory of the local Azure after ${REGISTRATIONS} registrations`,
        rival: `the same after ${WARM}`,
        unit: "MB",
        bound,
        samples: { ours: [after], theirs: [before] },
      }),
      measurement({
        name: "registration.time",
        what: `one registration at ${MANY} enrollments`,
        rival: `the same at ${FEW}`,
        unit: "ms",
        bound,
        samples: { ours: timesMany, theirs: timesFew },
      }),
    ];
  });
}

async function times(azure: LocalAzure, environment: RegistrationEnvironment, prefix: string): Promise<number[]> {
  const taken: number[] = [];
  for (const device of await environment.devices(prefix, TIMED)) {
    const start = process.hrtime.bigint();
    await register(azure, environment.idScope, device);
    taken.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return taken;
}
