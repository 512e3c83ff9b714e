/**
 * A SASL mechanism of one connection, as rhea runs it: `start` takes the client's first response, `step` each further one. While
 * there is no outcome, they return the next challenge.
 */
export interface SaslMechanism {
  /** True for success, false for failure. */
  outcome: boolean | undefined;
  username: string | undefined;
  start(response: Buffer | undefined): Buffer | undefined;
  step?(response: Buffer | undefined): Promise<Buffer>;
}

const mechanism = (judge: (response: Buffer) => boolean) => (): SaslMechanism => ({
  outcome: undefined,
  username: undefined,
  start(response) {
    this.outcome = judge(response ?? Buffer.alloc(0));
    return undefined;
  },
});

/** `authorization NUL user name NUL password` (RFC 4616). */
function plain(response: Buffer, authenticate: (userName: string, password: string) => boolean): boolean {
  const [, userName, password, ...more] = response.toString("utf8").split("\0");
  return userName !== undefined && password !== undefined && more.length === 0 && authenticate(userName, password);
}

/**
 * The SASL mechanisms that Azure offers, in its order. MSSBCBS and ANONYMOUS prove nothing: the client sends tokens to
 * `$cbs`. EXTERNAL points at the certificate in TLS. `tpm`: makes the mechanism of DPS for TPMs.
 */
export function saslMechanisms(
  authenticate: (userName: string, password: string) => boolean,
  hasCertificate: () => boolean,
  tpm?: () => SaslMechanism,
): Record<string, () => SaslMechanism> {
  return {
    MSSBCBS: mechanism(() => true),
    PLAIN: mechanism((response) => plain(response, authenticate)),
    ANONYMOUS: mechanism(() => true),
    EXTERNAL: mechanism(hasCertificate),
    ...(tpm && { TPM: tpm }),
  };
}
