/** A SASL mechanism of one connection, as rhea runs it: `start` takes the client's first response. */
interface Mechanism {
  /** True for success, false for failure. */
  outcome: boolean | undefined;
  username: string | undefined;
  start(response: Buffer | undefined): void;
}

const mechanism = (judge: (response: Buffer) => boolean) => (): Mechanism => ({
  outcome: undefined,
  username: undefined,
  start(response) {
    this.outcome = judge(response ?? Buffer.alloc(0));
  },
});

/** `authorization NUL user name NUL password` (RFC 4616). */
function plain(response: Buffer, authenticate: (userName: string, password: string) => boolean): boolean {
  const [, userName, password, ...more] = response.toString("utf8").split("\0");
  return userName !== undefined && password !== undefined && more.length === 0 && authenticate(userName, password);
}

/**
 * The SASL mechanisms that Azure offers, in its order. MSSBCBS and ANONYMOUS prove nothing: the client sends tokens to
 * `$cbs`. EXTERNAL points at the certificate in TLS.
 */
export function saslMechanisms(
  authenticate: (userName: string, password: string) => boolean,
  hasCertificate: () => boolean,
): Record<string, () => Mechanism> {
  return {
    MSSBCBS: mechanism(() => true),
    PLAIN: mechanism((response) => plain(response, authenticate)),
    ANONYMOUS: mechanism(() => true),
    EXTERNAL: mechanism(hasCertificate),
  };
}
