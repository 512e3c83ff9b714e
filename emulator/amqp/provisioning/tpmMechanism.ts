import type { SaslMechanism } from "../saslMechanisms";

/** What a TPM says of itself in SASL. */
export interface TpmIdentity {
  readonly idScope: string;
  readonly id: string;
  readonly endorsementKey: Buffer;
  readonly storageRootKey: Buffer;
}

/** The service's part in the exchange with a TPM. */
export interface TpmExchange {
  /** Returns the key that only the TPM of an enrollment can import; undefined refuses the TPM. */
  challenge(identity: TpmIdentity): Promise<Buffer | undefined>;
  /** Takes the shared access signature that the TPM made with that key. */
  sign(identity: TpmIdentity, signature: string): void;
}

/** Bytes of a part of the challenge: a frame of SASL has at most 512. */
const PART = 400;
/** The first byte of a part, with the part's number: that of the last one has both bits. */
const [MORE, LAST] = [0x80, 0xc0];
/** What asks for the storage root key, and what the client sends for the next part. */
const EMPTY = Buffer.from([0]);

/** Splits `NUL a NUL b NUL rest`; undefined for another form. */
function fieldsOf(init: Buffer): readonly [string, string, Buffer] | undefined {
  const second = init.indexOf(0, 1);
  const third = init.indexOf(0, second + 1);
  if (init[0] !== 0 || second < 0 || third < 0) return undefined;
  return [init.toString("utf8", 1, second), init.toString("utf8", second + 1, third), init.subarray(third + 1)];
}

function partsOf(challenge: Buffer): Buffer[] {
  const count = Math.max(Math.ceil(challenge.length / PART), 1);
  return Array.from({ length: count }, (_, at) =>
    Buffer.concat([
      Buffer.from([(at === count - 1 ? LAST : MORE) | at]),
      challenge.subarray(at * PART, (at + 1) * PART),
    ]),
  );
}

/**
 * The SASL mechanism TPM of DPS: the client says who it is, the service sends a key that only that TPM can import, in parts, and the
 * client sends a signature by it. Source: azure-iot-provisioning-device-amqp, `SaslTpm`.
 */
export function tpmMechanism(exchange: TpmExchange | undefined): SaslMechanism {
  let identity: Omit<TpmIdentity, "storageRootKey"> | undefined;
  let whole: TpmIdentity | undefined;
  let parts: Buffer[] = [];
  return {
    outcome: undefined,
    username: undefined,
    start(response) {
      const [idScope, id, endorsementKey] = fieldsOf(response ?? Buffer.alloc(0)) ?? [];
      if (exchange && idScope && id && endorsementKey) identity = { idScope, id, endorsementKey };
      else this.outcome = false;
      return EMPTY;
    },
    async step(response) {
      const given = response ?? Buffer.alloc(0);
      if (!exchange || !identity || given[0] !== 0) {
        this.outcome = false;
        return EMPTY;
      }
      if (!whole) {
        whole = { ...identity, storageRootKey: Buffer.from(given.subarray(1)) };
        const challenge = await exchange.challenge(whole);
        if (challenge) parts = partsOf(challenge);
        else this.outcome = false;
      } else if (parts.length === 0) {
        exchange.sign(whole, given.toString("utf8", 1));
        this.outcome = true;
      } else if (given.length > 1) this.outcome = false;
      return parts.shift() ?? EMPTY;
    },
  };
}
