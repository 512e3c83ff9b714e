/** The life of one enrollment of either kind: created, adopted after a killed run, read for drift, updated, deleted. */
import { AzureError } from "../../azure/clients/azureError";
import type { EnrollmentBodies, EnrollmentClient } from "../../azure/clients/enrollments";
import type { EnrollmentGroupBody, IndividualEnrollmentBody } from "../../azure/wire/enrollment";
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

/** The handler of one kind. */
export function enrollmentHandler<K extends "group" | "individual">(kind: EnrollmentKind<K>): Handler {
  const { fields } = kind;
  /** Creates; one that is there and says exactly what we ask for is ours: an earlier run was killed before it was noted. */
  const create = async (inputs: Props) => {
    const client = kind.client(inputs);
    try {
      return await client.put(kind.body(inputs));
    } catch (error) {
      if (!(error instanceof AzureError) || error.status !== 409) throw error;
      const present = await client.get();
      const wanted = pickFields(fields, inputs);
      if (!present || !isSame(pickFields(fields, { ...wanted, ...kind.readInputs(wanted, present) }), wanted))
        throw error;
      return present;
    }
  };
  return {
    async check(_olds, news) {
      return kind.check(news);
    },
    async diff(_id, olds, news) {
      // The old one goes first: going back to its ID after a failed change would else adopt it, and then lose it.
      return { ...diffFields(fields, olds, news), deleteBeforeReplace: true };
    },
    async create(inputs) {
      return { id: kind.id(inputs), outs: outputsOf(fields, inputs, await create(inputs)) };
    },
    async read(id, props) {
      const body = await kind.client(props).get();
      if (!body) return GONE;
      const inputs = pickFields(fields, { ...props, ...kind.readInputs(props, body) });
      return { id, props: outputsOf(fields, inputs, body), inputs };
    },
    async update(_id, olds, news) {
      const etag = optionalText(olds, "etag");
      const client = kind.client(news);
      // State of an older shape may lack the ETag: what stands now is then what we replace.
      const current = etag ?? (await client.get())?.etag;
      const body = current === undefined ? await create(news) : await client.put(kind.body(news), current);
      return { outs: outputsOf(fields, news, body) };
    },
    async delete(_id, props) {
      // The user asked for its end, whoever changed it last.
      await kind.client(props).delete("*");
    },
  };
}
