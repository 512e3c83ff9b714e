import type { InstanceKey } from "./instanceKey";
import { headText } from "./signedTexts";
import { headLine } from "./transcriptLine";
import type { VerifiedTranscript } from "./transcriptVerification";

/** The bytes of a verified transcript with a head that this instance signs. */
export function sealedTranscript(bytes: Buffer, verified: VerifiedTranscript, instance: InstanceKey): Buffer {
  const last = verified.entries.at(-1);
  const head = {
    session: verified.session,
    sequence: verified.entries.length,
    hash: last?.hash ?? "",
    instance: instance.name,
    instanceKey: instance.publicKey,
  };
  const line = headLine({ head, signature: instance.sign(headText(head)) });
  return Buffer.concat([bytes.subarray(0, verified.length), Buffer.from(line)]);
}
