import { randomBytes } from "node:crypto";
import { Agent } from "node:https";
import { join } from "node:path";
import { API_VERSIONS } from "../azure/apiVersions";
import { type Ask, LocalAzure, send } from "./localAzure";
import { compare, type Measurement } from "./measure";
import { withFolder } from "./processes";
import { rate } from "./register";
import { Rival } from "./rival";
import { createVaultEnvironment } from "./vaultEnvironment";

/** Connections, each with one request in flight. */
const AT_ONCE = 16;
const SIGNATURES = 4000;
const ROUNDS = 5;

/** Signatures a second by a P-256 key in the local vault over HTTPS, against a bare fastify TLS server that signs. */
export function signingMeasurements(): Promise<Measurement[]> {
  return withFolder(async (folder) => {
    const azure = await LocalAzure.start(join(folder, "azure"));
    const rival = await Rival.start("bareSigner", folder);
    const agents: Agent[] = [];
    const agentOf = (ca: string, servername: string): Agent => {
      const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE, ca, servername });
      agents.push(agent);
      return agent;
    };
    try {
      const environment = await createVaultEnvironment(azure);
      const digests = Array.from({ length: SIGNATURES }, () => randomBytes(32).toString("base64url"));
      const sign = async (
        at: number,
        agent: Agent,
        ask: Omit<Ask, "body" | "method">,
        value: string,
      ): Promise<void> => {
        const body = JSON.stringify({ alg: "ES256", value });
        const { status, text } = await send(at, { ...ask, method: "POST", body }, agent);
        if (status !== 200) throw new Error(`a signature was refused with ${status}: ${text}`);
      };
      const theirs = { host: "localhost", path: "/sign", headers: environment.headers };
      const path = `${environment.keyPath}/sign?api-version=${API_VERSIONS.vaultObjects}`;
      const ours = { host: environment.host, path, headers: environment.headers };
      const [bareAgent, vaultAgent] = [agentOf(rival.ca, "localhost"), agentOf(azure.ca, environment.host)];
      const result = await compare(
        {
          name: "signing",
          what: `sign calls of a P-256 key in the local vault, ${AT_ONCE} connections`,
          rival: `bare fastify TLS server, one P-256 signature by node:crypto each, ${AT_ONCE} connections`,
          unit: "signatures/s",
          bound: { atLeast: 0.6 },
        },
        ROUNDS,
        {
          theirs: () => rate(digests, AT_ONCE, (value) => sign(rival.port, bareAgent, theirs, value)),
          ours: () => rate(digests, AT_ONCE, (value) => sign(azure.port, vaultAgent, ours, value)),
        },
      );
      return [result];
    } finally {
      for (const agent of agents) agent.destroy();
      rival.stop();
      await azure.stop();
    }
  });
}
