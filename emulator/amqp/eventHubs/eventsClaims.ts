import { parseSas } from "../../../azure/sas";
import { covers, validateSas } from "../../kernel/authorizeCaller";
import type { HubRecord, SharedAccessPolicy } from "../../kernel/directory";
import { sameSecret } from "../../kernel/sameSecret";
import { AmqpError, CONDITION } from "../amqpErrors";
import type { CbsToken } from "../cbsNode";

/** What a client has proved by a token. */
interface Claim {
  /** The hub's key. */
  readonly hub: string;
  /** The address that the signature is for, lower case. */
  readonly resource: string;
  /** Seconds since 1970. */
  readonly expiry: number;
}

/** An address as signatures have it: without a scheme and a port, lower case. Event Hubs do not distinguish letter case. */
const resourceOf = (address: string): string =>
  address
    .replace(/^(?:sb|amqps?|https?):\/\//i, "")
    .replace(/^([^/]*):\d+/, "$1")
    .toLowerCase();

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Event Hubs sign with the text of a key, IoT Hub with the bytes that it encodes. */
const asEventHubs = (policy: SharedAccessPolicy): SharedAccessPolicy => ({
  ...policy,
  primaryKey: base64(policy.primaryKey),
  secondaryKey: base64(policy.secondaryKey),
});

const unauthorized = (description: string): AmqpError => new AmqpError(CONDITION.unauthorized, description);

/** The most addresses for which a client may send tokens over one connection. */
const MAX_CLAIMS = 1000;

/** The tokens of one connection to an events endpoint. */
export class EventsClaims {
  readonly #claims = new Map<string, Claim>();

  constructor(private readonly now: () => number) {}

  /**
   * Keeps what a token proves at one of the hubs: a signature of a policy with ServiceConnect. Throws
   * `amqp:unauthorized-access` for any other. Bearer tokens are refused as in Azure (Azure documentation, "Control access to
   * IoT Hub with Microsoft Entra ID": the built-in endpoint takes shared access keys only).
   */
  put({ kind, token, audience }: CbsToken, hubs: readonly HubRecord[]): void {
    if (kind === "jwt") {
      throw unauthorized(
        "The built-in endpoint of an IoT hub does not accept tokens of Microsoft Entra ID. To fix: use a shared access policy with ServiceConnect.",
      );
    }
    const sas = parseSas(token);
    if (!sas) throw unauthorized("MalformedToken: the token is no shared access signature.");
    const resource = resourceOf(sas.resource);
    const requirements = { resource: sas.resource, rights: ["ServiceConnect"], at: this.now() };
    let refusal: string | undefined = "policy";
    for (const { key, policies } of hubs) {
      refusal = validateSas(token, { ...requirements, policies: policies.map(asEventHubs) });
      if (refusal !== undefined) continue;
      const claim = `${key} ${resource}`;
      if (!this.#claims.has(claim) && this.#claims.size >= MAX_CLAIMS) {
        throw new AmqpError(CONDITION.limit, `more than ${MAX_CLAIMS} tokens`);
      }
      this.#claims.set(claim, { hub: key, resource, expiry: sas.expiry });
      return;
    }
    throw unauthorized(`InvalidSignature: The token for '${audience}' has an invalid signature (${refusal}).`);
  }

  /**
   * Keeps what the name and the key of a policy with ServiceConnect prove as the user name and password of SASL PLAIN (Azure
   * documentation, "AMQP 1.0 in Azure Service Bus and Event Hubs protocol guide"): all addresses of the hubs that have them.
   * Returns whether there is one.
   */
  putKey(keyName: string, key: string, host: string, hubs: readonly HubRecord[]): boolean {
    const matches = (policy: SharedAccessPolicy): boolean =>
      policy.keyName.toLowerCase() === keyName.toLowerCase() &&
      policy.rights.includes("ServiceConnect") &&
      [policy.primaryKey, policy.secondaryKey].some((each) => sameSecret(key, each));
    const found = hubs.filter(({ policies }) => policies.some(matches));
    const resource = resourceOf(host);
    for (const hub of found) {
      this.#claims.set(`${hub.key} ${resource}`, { hub: hub.key, resource, expiry: Number.POSITIVE_INFINITY });
    }
    return found.length > 0;
  }

  /** Whether a token of the client, not expired, covers an address of a hub. */
  allows(hub: HubRecord, address: string): boolean {
    const wanted = resourceOf(address);
    const now = this.now();
    return [...this.#claims.values()].some(
      (claim) => claim.hub === hub.key && claim.expiry > now && covers(claim.resource, wanted),
    );
  }
}
