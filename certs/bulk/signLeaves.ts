import type { Signer } from "../signer";
import type { Validity } from "../validity";
import type { Leaf, LeafPress } from "./press";

/** Devices to issue for by a signer that takes its time, such as a key vault. */
export interface LeafOrder {
  readonly registrationIds: readonly string[];
  readonly validity: Validity;
  readonly signer: Signer;
  /** How many signatures may be in flight. */
  readonly atOnce: number;
}

/**
 * Makes a key and a certificate for each device and hands them to `take` as they come, with their place in the list. Throws
 * what the signer or `take` throws first, after all that was in flight has ended.
 */
export async function signLeaves(
  press: LeafPress,
  { registrationIds, validity, signer, atOnce }: LeafOrder,
  take: (leaf: Leaf, index: number) => void,
): Promise<void> {
  const left = registrationIds.entries();
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (const [index, registrationId] of left) {
      if (failures.length > 0) return;
      const unsigned = press.lay(registrationId, validity);
      take(press.seal(unsigned, await signer.sign(unsigned.tbs)), index);
    }
  };
  const note = (error: unknown): void => {
    failures.push(error);
  };
  await Promise.all(Array.from({ length: atOnce }, () => lane().catch(note)));
  if (failures.length > 0) throw failures[0];
}
