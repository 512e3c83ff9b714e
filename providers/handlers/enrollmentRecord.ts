/** The life of one enrollment of either kind: created or taken over, read for drift, updated, deleted. */
import { AzureError } from "../../azure/clients/azureError";
import type { EnrollmentBodies, EnrollmentClient } from "../../azure/clients/enrollments";
import type { EnrollmentGroupBody, IndividualEnrollmentBody } from "../../azure/wire/enrollment";
import { keepingKeys } from "./attestation";
import { isSame } from "./canonical";
import { outputsOf } from "./enrollment";
import { diffFields, type Fields, optionalText, pickFields } from "./fields";
import { type CheckResult, GONE, type Handler, type Props } from "./handler";
import type { Like } from "./world";

/** What tells the two kinds apart. */
export interface EnrollmentKind<K extends "group" | "individual"> {
  readonly fields: Fields;
  client(props: Props): Like<EnrollmentClient<K>>;
  id(props: Props): string;
  body(inputs: Props): EnrollmentBodies[K];
  /** The inputs as the service has them now. */
  readInputs(props: Props, body: EnrollmentGroupBody | IndividualEnrollmentBody): Record<string, unknown>;
  check(news: Props): CheckResult;
}

type Body = EnrollmentGroupBody | IndividualEnrollmentBody;

/** An ETag without the quotation marks that the service writes inside it. */
export const withoutQuotes = (etag: string): string => etag.replace(/^"|"$/g, "");

/** The answer with its symmetric keys, which the service tells only when it is asked for them. */
export async function withKeys<B extends Body>(
  client: Pick<Like<EnrollmentClient<"group">>, "attestation">,
  body: B,
): Promise<B> {
  const { type, symmetricKey } = body.attestation;
  if (type !== "symmetricKey" || symmetricKey?.primaryKey !== undefined) return body;
  const told = (await client.attestation())?.symmetricKey;
  return told === undefined ? body : { ...body, attestation: { type, symmetricKey: told } };
}

/** The handler of one kind. */
export function enrollmentHandler<K extends "group" | "individual">(kind: EnrollmentKind<K>): Handler {
  const { fields } = kind;
  const wantedOf = (inputs: Props) => pickFields(fields, inputs, ["adopt"]);
  /**
   * Creates. One that is there is taken over with `adopt`, when its ETag is the one named; without it only when it says
   * exactly what we ask for: an earlier run was killed before it was noted.
   */
  const create = async (inputs: Props): Promise<Body> => {
    const client = kind.client(inputs);
    try {
      return await client.put(kind.body(inputs));
    } catch (error) {
      if (!(error instanceof AzureError) || error.status !== 409) throw error;
      const found = await client.get();
      if (!found) throw error;
      const present = await withKeys(client, found);
      const wanted = wantedOf(inputs);
      if (isSame(wantedOf({ ...wanted, ...kind.readInputs(wanted, present) }), wanted)) return present;
      const { adopt } = inputs;
      if (adopt === undefined || adopt === false || present.etag === undefined) throw error;
      if (typeof adopt === "string" && withoutQuotes(adopt) !== withoutQuotes(present.etag)) {
        throw new Error(
          `Could not adopt ${kind.id(inputs)}: its ETag is ${withoutQuotes(present.etag)} now, and not ` +
            `${withoutQuotes(adopt)}: it was changed since you looked.\n` +
            "  What to do: look at the enrollment again, then give its present ETag, or adopt it as it stands.",
        );
      }
      const keys = present.attestation.symmetricKey;
      return client.put(kind.body(keepingKeys(inputs, keys?.primaryKey, keys?.secondaryKey)), present.etag);
    }
  };
  const outputs = async (inputs: Props, body: Body) =>
    outputsOf(fields, inputs, await withKeys(kind.client(inputs), body));
  return {
    async check(_olds, news) {
      return kind.check(news);
    },
    async diff(_id, olds, news) {
      // The old one goes first: going back to its ID after a failed change would else adopt it, and then lose it.
      return { ...diffFields(fields, olds, news), deleteBeforeReplace: true };
    },
    async create(inputs) {
      return { id: kind.id(inputs), outs: await outputs(inputs, await create(inputs)) };
    },
    async read(id, props) {
      const found = await kind.client(props).get();
      if (!found) return GONE;
      const body = await withKeys(kind.client(props), found);
      const inputs = pickFields(fields, { ...props, ...kind.readInputs(props, body) });
      return { id, props: outputsOf(fields, inputs, body), inputs };
    },
    async update(_id, olds, news) {
      const etag = optionalText(olds, "etag");
      const client = kind.client(news);
      // State of an older shape may lack the ETag: what stands now is then what we replace.
      const current = etag ?? (await client.get())?.etag;
      const body =
        current === undefined
          ? await create(news)
          : await client.put(kind.body(keepingKeys(news, olds.primaryKey, olds.secondaryKey)), current);
      return { outs: await outputs(news, body) };
    },
    async delete(_id, props) {
      // The user asked for its end, whoever changed it last.
      await kind.client(props).delete("*");
    },
  };
}
