import { createPublicKey } from "node:crypto";
import { Agent } from "node:https";
import { buildConnector, Agent as UndiciAgent } from "undici";
import { API_VERSIONS } from "../../azure/apiVersions";
import { pooledHttp } from "../../azure/clients/pooledHttp";
import { VaultKeysClient } from "../../azure/clients/vaultKeysClient";
import { publicKeyOf, VaultSigner } from "../../azure/clients/vaultSigner";
import { algorithmOf } from "../../certs/algorithms";
import { LeafIssuer } from "../../certs/bulk/leafIssuer";
import { numberedIds } from "../../certs/bulk/registrationIds";
import { signLeaves } from "../../certs/bulk/signLeaves";
import { type Issuer, issueIntermediate, issueRoot } from "../../certs/issue";
import { generateKeyPair } from "../../certs/keys";
import { KeySigner } from "../../certs/signer";
import { send, withLocalAzure } from "../environment/localAzure";
import { createVaultEnvironment, type VaultEnvironment } from "../environment/vaultEnvironment";
import { compare, type Measurement, perSecond, rate } from "../measure";

/** Signatures in flight: as many on either side. */
const AT_ONCE = 16;
const LEAVES = 1000;
const ROUNDS = 5;

/** An intermediate whose key is in the vault, below a root of this process. */
async function heldIssuer({ host, kid }: VaultEnvironment, client: VaultKeysClient): Promise<Issuer> {
  const [, , name = "", version = ""] = new URL(kid).pathname.split("/");
  const bundle = await client.get(name, version);
  if (bundle === undefined) throw new Error(`${host} has no key ${kid}`);
  const publicKey = publicKeyOf(bundle.key);
  const algorithm = algorithmOf(createPublicKey({ key: publicKey, format: "der", type: "spki" }));
  const signer = new VaultSigner(client, kid, publicKey, algorithm);
  const rootSigner = new KeySigner(await generateKeyPair("EC-P256"));
  const root = { certificate: await issueRoot({ commonName: "Bench Root", signer: rootSigner }), signer: rootSigner };
  return { certificate: await issueIntermediate({ commonName: "Bench Line", publicKey, issuer: root }), signer };
}

/** Keys and certificates of a thousand devices under an intermediate that a vault holds, against that vault's bare sign calls. */
export function vaultIssuingMeasurements(): Promise<Measurement[]> {
  return withLocalAzure(async (azure) => {
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE, ca: azure.ca });
    // Both sides go straight to the local Azure, as both would to Azure.
    const connect = buildConnector({ ca: azure.ca });
    const here = { hostname: "127.0.0.1", port: String(azure.port) };
    const pool = new UndiciAgent({
      connections: AT_ONCE,
      connect: (options, done) => connect({ ...options, ...here }, done),
    });
    try {
      const environment = await createVaultEnvironment(azure);
      const bearer = (environment.headers.authorization ?? "").replace("Bearer ", "");
      const credential = { getToken: async () => ({ token: bearer, expiresOnTimestamp: Date.now() + 3_600_000 }) };
      const httpClient = pooledHttp(() => pool);
      const issuer = await heldIssuer(
        environment,
        new VaultKeysClient(`https://${environment.host}`, { credential, httpClient }),
      );
      const path = `${environment.keyPath}/sign?api-version=${API_VERSIONS.vaultObjects}`;
      const ask = { host: environment.host, method: "POST", path, headers: environment.headers };
      const body = JSON.stringify({ alg: "ES256", value: Buffer.alloc(32, 7).toString("base64url") });
      const registrationIds = [...numberedIds({ count: LEAVES })];
      const sides = {
        theirs: () =>
          rate(registrationIds, AT_ONCE, async () => {
            const { status, text } = await send(azure.port, { ...ask, body }, agent);
            if (status !== 200) throw new Error(`a signature was refused with ${status}: ${text}`);
          }),
        ours: async () => {
          const leafIssuer = new LeafIssuer(issuer.certificate, issuer.signer, "EC-P256");
          const order = { registrationIds, validity: issuer.certificate, signer: issuer.signer, atOnce: AT_ONCE };
          return perSecond(LEAVES, () => signLeaves(leafIssuer, order, () => {}));
        },
      };
      // The first signatures of a process take several times as long as the later ones.
      await sides.theirs();
      await sides.ours();
      const result = await compare({
        name: "issuing.vault",
        what: `P-256 keys and certificates of ${LEAVES} devices under an intermediate whose key a vault holds, ${AT_ONCE} in flight`,
        rival: `the same vault's sign calls, with nothing around them, ${AT_ONCE} connections`,
        unit: "certificates/s",
        bound: { atLeast: 0.7 },
        rounds: ROUNDS,
        ...sides,
      });
      return [result];
    } finally {
      agent.destroy();
      await pool.close();
    }
  });
}
