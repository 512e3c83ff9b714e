/** One enrollment of either kind at the service: created or adopted, and replaced by its ETag. */
import { AzureError } from "../../../azure/clients/azureError";
import type { EnrollmentBodies, EnrollmentClient } from "../../../azure/clients/enrollmentClient";
import { adoption, withoutQuotes } from "../resource/adoptInput";
import type { Like } from "../resource/azureClients";
import type { AzureGateway } from "../resource/azureGateway";
import { isSame } from "../resource/canonicalJson";
import { type Fields, pickFields } from "../resource/fields";
import type { Props } from "../resource/handler";
import type { KeyPair } from "../vault/storedKeys";
import { withPresentKeys } from "./attestation";
import { outputsOf } from "./enrollmentFields";

/** The body of either kind. */
export type EnrollmentBody = EnrollmentBodies["group" | "individual"];

/** What differs between the two kinds, and the gateway that they use. */
export interface EnrollmentKind {
  readonly gateway: Pick<AzureGateway, "log" | "vaultSecrets" | "now" | "pause">;
  /** Begins a sentence about an enrollment. */
  readonly noun: string;
  /** The input that is its ID. */
  readonly idInput: string;
  /** Its collection in the service's API. */
  readonly collection: "enrollmentGroups" | "enrollments";
  readonly fields: Fields;
  /** Those of the fields that are attestations. */
  readonly attestation: Fields;
  client(props: Props): Like<EnrollmentClient<keyof EnrollmentBodies>>;
  id(props: Props): string;
  body(inputs: Props): EnrollmentBody;
  /** The inputs as the service has them now. */
  readInputs(props: Props, body: EnrollmentBody): Record<string, unknown>;
}

/** The body with its symmetric keys, which the service returns only on request. */
export async function withKeys<B extends EnrollmentBody>(
  client: Pick<Like<EnrollmentClient<"group">>, "attestation">,
  body: B,
): Promise<B> {
  const { type, symmetricKey } = body.attestation;
  if (type !== "symmetricKey" || symmetricKey?.primaryKey !== undefined) return body;
  const keys = (await client.attestation())?.symmetricKey;
  return keys === undefined ? body : { ...body, attestation: { type, symmetricKey: keys } };
}

/** The symmetric keys that the service has; empty if there is no enrollment, or none with symmetric keys. */
export async function currentKeys(kind: EnrollmentKind, inputs: Props): Promise<Partial<KeyPair>> {
  return (await kind.client(inputs).attestation())?.symmetricKey ?? {};
}

/** The outputs, with the symmetric keys where there are any. */
export async function outputsWithKeys(
  kind: EnrollmentKind,
  inputs: Props,
  body: EnrollmentBody,
): Promise<Record<string, unknown>> {
  return outputsOf(kind.fields, inputs, await withKeys(kind.client(inputs), body));
}

async function readPresent(kind: EnrollmentKind, inputs: Props): Promise<EnrollmentBody | undefined> {
  const client = kind.client(inputs);
  const present = await client.get();
  return present && withKeys(client, present);
}

/** Whether the present enrollment is what the inputs ask for. */
export function isAsWanted({ fields, readInputs }: EnrollmentKind, inputs: Props, present: EnrollmentBody): boolean {
  const wantedOf = (props: Props) => pickFields(fields, props, ["adopt"]);
  const wanted = wantedOf(inputs);
  return isSame(wantedOf({ ...wanted, ...readInputs(wanted, present) }), wanted);
}

/**
 * Creates. If one exists, it is adopted if `adopt` allows it; without `adopt` only if it is exactly what the inputs ask
 * for: an earlier run was killed before it was in the state.
 */
export async function createEnrollment(kind: EnrollmentKind, inputs: Props): Promise<EnrollmentBody> {
  const client = kind.client(inputs);
  try {
    return await client.put(kind.body(inputs));
  } catch (error) {
    if (!(error instanceof AzureError) || error.status !== 409) throw error;
    const present = await readPresent(kind, inputs);
    if (!present) throw error;
    if (isAsWanted(kind, inputs, present)) return present;
    const outcome = adoption(inputs.adopt, present.etag);
    if (outcome === "refuse" || present.etag === undefined) throw error;
    if (outcome === "changed") {
      throw new Error(
        `Could not adopt ${kind.id(inputs)}: its ETag is ${withoutQuotes(present.etag)} now, and not ` +
          `${withoutQuotes(String(inputs.adopt))}: it was changed since you looked.\n` +
          "  To fix: look at the enrollment again, then give its present ETag, or adopt it whatever it says.",
      );
    }
    const { primaryKey, secondaryKey } = present.attestation.symmetricKey ?? {};
    return client.put(kind.body(withPresentKeys(inputs, primaryKey, secondaryKey)), present.etag);
  }
}

/**
 * Replaces. One with another ETag is refused, unless it is exactly what the inputs ask for: an earlier run was killed before
 * the new ETag was in the state, or the response was lost and the request sent again.
 */
export async function replaceEnrollment(kind: EnrollmentKind, inputs: Props, etag: string): Promise<EnrollmentBody> {
  try {
    return await kind.client(inputs).put(kind.body(inputs), etag);
  } catch (error) {
    if (!(error instanceof AzureError) || error.status !== 412) throw error;
    const present = await readPresent(kind, inputs);
    if (present === undefined || !isAsWanted(kind, inputs, present)) throw error;
    return present;
  }
}
