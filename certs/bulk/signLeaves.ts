import type { Signer } from "../signer";
import type { Validity } from "../validity";
import type { Leaf, LeafIssuer } from "./leafIssuer";

/** Devices to issue for. */
export interface LeafOrder {
  readonly registrationIds: readonly string[];
  readonly validity: Validity;
  readonly signer: Signer;
  /** How many signatures may be in flight: more than one for a signer elsewhere, such as a key vault. */
  readonly atOnce: number;
}

/**
 * Makes a key and a certificate for each device and passes them to `take` as they come, with their index in the list. Throws
 * what the signer or `take` throws first, after all that was in flight has ended.
 */
export async function signLeaves(
  issuer: LeafIssuer,
  { registrationIds, validity, signer, atOnce }: LeafOrder,
  take: (leaf: Leaf, index: number) => void,
): Promise<void> {
  const left = registrationIds.entries();
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (const [index, registrationId] of left) {
      if (failures.length > 0) return;
      const unsigned = await issuer.buildTbs(registrationId, validity);
      take(issuer.attachSignature(unsigned, await signer.sign(unsigned.tbs)), index);
    }
  };
  const note = (error: unknown): void => {
    failures.push(error);
  };
  await Promise.all(Array.from({ length: atOnce }, () => lane().catch(note)));
  if (failures.length > 0) throw failures[0];
}
