import { Agent } from "node:https";
import { send, withLocalAzure } from "../environment/localAzure";
import { register } from "../environment/register";
import { createRegistrationEnvironment, type Device } from "../environment/registrationEnvironment";
import { compare, type Measurement, rate } from "../measure";
import { BareProgram } from "../rivals/bareProgram";

/** Devices that register at the same time. */
const AT_ONCE = 32;
const DEVICES = 640;
const ROUNDS = 5;
/** Requests of one registration to which the rival responds, emptily: TLS and three round trips. */
const RIVAL_REQUESTS = 3;

/** Whole registrations a second against the local Azure, 32 at once, against a bare Node mTLS server. */
export function registrationMeasurements(): Promise<Measurement[]> {
  return withLocalAzure(async (azure, folder) => {
    const rival = await BareProgram.start("bareServer", folder);
    try {
      const environment = await createRegistrationEnvironment(azure);
      let round = 0;
      const result = await compare({
        name: "registration",
        what: `device registration (TLS, register, poll, assigned), ${AT_ONCE} at once`,
        rival: `bare Node mTLS server, TLS and ${RIVAL_REQUESTS} empty replies, ${AT_ONCE} at once`,
        unit: "registrations/s",
        bound: { atLeast: 0.5 },
        rounds: ROUNDS,
        theirs: async () =>
          rate(await environment.devices(`r${round++}`, DEVICES), AT_ONCE, (device) => visit(rival, device)),
        ours: async () => {
          const devices = await environment.devices(`d${round++}`, DEVICES);
          return rate(devices, AT_ONCE, (device) => register(azure, environment.idScope, device));
        },
      });
      return [result];
    } finally {
      rival.stop();
    }
  });
}

async function visit({ port, ca }: BareProgram, { cert, key }: Device): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca, servername: "localhost", cert, key });
  try {
    for (let count = 0; count < RIVAL_REQUESTS; count += 1) {
      const { status } = await send(port, { host: "localhost", method: "PUT", path: "/", body: "{}" }, agent);
      if (status !== 200) throw new Error(`the bare server returned ${status}`);
    }
  } finally {
    agent.destroy();
  }
}
