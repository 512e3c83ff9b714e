import { randomBytes } from "node:crypto";
import { Agent } from "node:https";
import { API_VERSIONS } from "../../azure/apiVersions";
import { type Request, send, withLocalAzure } from "../environment/localAzure";
import { createVaultEnvironment } from "../environment/vaultEnvironment";
import { compare, type Measurement, rate } from "../measure";
import { BareProgram } from "../rivals/bareProgram";

/** Connections, each with one request in flight. */
const AT_ONCE = 16;
const SIGNATURES = 4000;
const ROUNDS = 5;

/** Signatures a second by a P-256 key in the local vault over HTTPS, against a bare fastify TLS server that signs. */
export function signingMeasurements(): Promise<Measurement[]> {
  return withLocalAzure(async (azure, folder) => {
    const rival = await BareProgram.start("bareSigner", folder);
    const agentOf = (ca: string, servername: string): Agent =>
      new Agent({ keepAlive: true, maxSockets: AT_ONCE, ca, servername });
    const { host, headers, keyPath } = await createVaultEnvironment(azure);
    const [bareAgent, vaultAgent] = [agentOf(rival.ca, "localhost"), agentOf(azure.ca, host)];
    const digests = Array.from({ length: SIGNATURES }, () => randomBytes(32).toString("base64url"));
    const signAll = (port: number, agent: Agent, ask: Pick<Request, "host" | "path">): Promise<number> =>
      rate(digests, AT_ONCE, async (value) => {
        const body = JSON.stringify({ alg: "ES256", value });
        const { status, text } = await send(port, { ...ask, method: "POST", headers, body }, agent);
        if (status !== 200) throw new Error(`a signature was refused with ${status}: ${text}`);
      });
    try {
      const path = `${keyPath}/sign?api-version=${API_VERSIONS.vaultObjects}`;
      const result = await compare({
        name: "signing",
        what: `sign calls of a P-256 key in the local vault, ${AT_ONCE} connections`,
        rival: `bare fastify TLS server, one P-256 signature by node:crypto each, ${AT_ONCE} connections`,
        unit: "signatures/s",
        bound: { atLeast: 0.6 },
        rounds: ROUNDS,
        theirs: () => signAll(rival.port, bareAgent, { host: "localhost", path: "/sign" }),
        ours: () => signAll(azure.port, vaultAgent, { host, path }),
      });
      return [result];
    } finally {
      for (const agent of [bareAgent, vaultAgent]) agent.destroy();
      rival.stop();
    }
  });
}
