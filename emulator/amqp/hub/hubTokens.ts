import { parseSas } from "../../../azure/sas";
import type { AmqpClient } from "../amqpDependencies";
import { AmqpError, CONDITION } from "../amqpErrors";
import type { CbsToken } from "../cbsNode";

/** The most tokens of one connection: clients that carry many devices over it send one for each. */
const MAX_TOKENS = 1000;

interface HeldToken {
  /** As an Authorization header has it. */
  readonly header: string;
  /** Seconds since 1970; undefined for a bearer token, whose expiry is judged with it. */
  readonly expiry: number | undefined;
}

const resourceOf = (address: string): string => {
  const [host = "", ...path] = address
    .replace(/^(?:amqps?|https?):\/\//i, "")
    .split("/")
    .filter((part) => part !== "");
  return [host.toLowerCase().replace(/:\d+$/, ""), ...path].join("/");
};

/** The tokens that a client has shown over one connection, by CBS or SASL PLAIN, by what they are for. */
export class HubTokens {
  readonly #tokens = new Map<string, HeldToken>();

  constructor(private readonly client: Pick<AmqpClient, "host">) {}

  /** Keeps a token. `judge` throws for one that proves nothing. Throws AmqpError for one of another host. */
  put({ kind, token }: CbsToken, judge: (header: string, path: readonly string[]) => void): void {
    const sas = kind === "sas" ? parseSas(token) : undefined;
    if (kind === "sas" && !sas) throw new AmqpError(CONDITION.unauthorized, "shared access signature: malformed");
    const resource = sas ? resourceOf(sas.resource) : this.client.host;
    const [host, ...path] = resource.split("/");
    if (host !== this.client.host) throw new AmqpError(CONDITION.unauthorized, "shared access signature: resource");
    const header = sas ? token : `Bearer ${token.replace(/^Bearer /i, "")}`;
    judge(header, path);
    if (!this.#tokens.has(resource) && this.#tokens.size >= MAX_TOKENS) {
      throw new AmqpError(CONDITION.limit, `more than ${MAX_TOKENS} tokens`);
    }
    this.#tokens.set(resource, { header, expiry: sas?.expiry });
  }

  /** The token for a path of the host, such as `devices/pump-1`: its own, or that of the nearest path above it. */
  find(path: string): HeldToken | undefined {
    for (let segments = path.split("/"); ; segments = segments.slice(0, -1)) {
      const token = this.#tokens.get([this.client.host, ...segments].filter((part) => part !== "").join("/"));
      if (token || segments.length === 0) return token;
    }
  }
}
