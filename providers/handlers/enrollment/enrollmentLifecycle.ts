/** The life of one enrollment of either kind: created or taken over, read for drift, updated, deleted. */
import { AzureError } from "../../../azure/clients/azureError";
import type { EnrollmentBodies, EnrollmentClient } from "../../../azure/clients/enrollmentClient";
import type { EnrollmentGroupBody, IndividualEnrollmentBody } from "../../../azure/wire/dpsEnrollment";
import { adoption, withoutQuotes } from "../resource/adoptInput";
import type { AzureGateway, Like } from "../resource/azureGateway";
import { isSame } from "../resource/canonicalJson";
import { diffFields, type Fields, optionalText, pickFields } from "../resource/fields";
import { type CheckResult, GONE, type Handler, PartialError, type Props } from "../resource/handler";
import { isBegun, isUnsettled, type KeyPair, STORE, StoredKeys } from "../vault/storedKeys";
import { isInVault, isShut, tellLeft } from "../vault/vaultObject";
import { keepingKeys } from "./attestation";
import { outputsOf } from "./enrollmentFields";

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

/** The answer without its symmetric keys, for outputs that have references in their place. */
const withoutKeys = (body: Body): Body => ({ ...body, attestation: { ...body.attestation, symmetricKey: {} } });

/** The handler of one kind. */
export function enrollmentHandler<K extends "group" | "individual">(
  gateway: AzureGateway,
  kind: EnrollmentKind<K>,
): Handler {
  const { fields } = kind;
  const wantedOf = (inputs: Props) => pickFields(fields, inputs, ["adopt"]);
  const saysSame = (inputs: Props, present: Body): boolean => {
    const wanted = wantedOf(inputs);
    return isSame(wantedOf({ ...wanted, ...kind.readInputs(wanted, present) }), wanted);
  };
  const standingOf = async (client: ReturnType<typeof kind.client>): Promise<Body | undefined> => {
    const found = await client.get();
    return found && withKeys(client, found);
  };
  /**
   * Replaces. One of another ETag is refused, unless it says exactly what we ask for: an earlier run was killed before it
   * noted the new one, or the answer was lost and the call sent again.
   */
  const replace = async (inputs: Props, etag: string): Promise<Body> => {
    const client = kind.client(inputs);
    try {
      return await client.put(kind.body(inputs), etag);
    } catch (error) {
      if (!(error instanceof AzureError) || error.status !== 412) throw error;
      const present = await standingOf(client);
      if (present === undefined || !saysSame(inputs, present)) throw error;
      return present;
    }
  };
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
      const present = await standingOf(client);
      if (!present) throw error;
      if (saysSame(inputs, present)) return present;
      const outcome = adoption(inputs.adopt, present.etag);
      if (outcome === "refuse" || present.etag === undefined) throw error;
      if (outcome === "changed") {
        throw new Error(
          `Could not adopt ${kind.id(inputs)}: its ETag is ${withoutQuotes(present.etag)} now, and not ` +
            `${withoutQuotes(String(inputs.adopt))}: it was changed since you looked.\n` +
            "  To fix: look at the enrollment again, then give its present ETag, or adopt it as it stands.",
        );
      }
      const keys = present.attestation.symmetricKey;
      return client.put(kind.body(keepingKeys(inputs, keys?.primaryKey, keys?.secondaryKey)), present.etag);
    }
  };
  const outputs = async (inputs: Props, body: Body) =>
    outputsOf(fields, inputs, await withKeys(kind.client(inputs), body));
  const storedOutputs = (inputs: Props, body: Body, references: Props) => ({
    ...outputsOf(fields, inputs, withoutKeys(body)),
    ...references,
  });
  const keyed = (inputs: Props, symmetricKey: KeyPair): Props => ({ ...inputs, symmetricKey });
  /** The keys that the enrollment has at the service; none where there is none, or none with symmetric keys. */
  const standing = async (inputs: Props): Promise<Partial<KeyPair>> =>
    (await kind.client(inputs).attestation())?.symmetricKey ?? {};
  /**
   * Creates with keys that are in the vault before the service has them. What stands already is taken over or refused
   * before anything is written to the vault; then its keys stay, unless the vault has keys of ours.
   */
  const createStored = async (inputs: Props, begun?: Props): Promise<Record<string, unknown>> => {
    const client = kind.client(inputs);
    const secrets = new StoredKeys(gateway, inputs, begun);
    const present = (await client.get()) === undefined ? undefined : await withKeys(client, await create(inputs));
    try {
      const theirs = present?.attestation.symmetricKey;
      const keys = await secrets.take(theirs);
      const body =
        present === undefined
          ? await create(keyed(inputs, keys))
          : isSame(keys, theirs)
            ? present
            : await client.put(kind.body(keyed(inputs, keys)), present.etag);
      return storedOutputs(inputs, body, secrets.outs);
    } catch (error) {
      // The state must know of the secrets: the next `up` goes on with them, a destroy takes them away.
      if (Object.keys(secrets.outs).length === 0) throw error;
      throw new PartialError(kind.id(inputs), { ...pickFields(fields, inputs), ...secrets.outs }, error);
    }
  };
  /** Whether what stands has the very keys that the vault keeps: then it is ours, and the answer to its creation was lost. */
  const hasOurKeys = async (props: Props): Promise<boolean> => {
    const theirs = await standing(props);
    try {
      const states = await new StoredKeys(gateway, props).look(theirs);
      return Object.values(states).every((state) => state === "enabled");
    } catch (error) {
      if (!isShut(props, error)) throw error;
      if (theirs.primaryKey !== undefined)
        gateway.tell(
          `${kind.id(props)} stays: only the vault knew if it is ours, and it lets this identity in no more.`,
        );
      return false;
    }
  };
  const make = async (inputs: Props, begun?: Props) =>
    isInVault(inputs) ? createStored(inputs, begun) : outputs(inputs, await create(inputs));
  const change = async (olds: Props, news: Props) => {
    const client = kind.client(news);
    // State of an older shape may lack the ETag: what stands now is then what we replace.
    const etag = isBegun(olds) ? undefined : (optionalText(olds, "etag") ?? (await client.get())?.etag);
    if (etag === undefined) return make(news, olds);
    if (isInVault(news)) {
      const secrets = new StoredKeys(gateway, news, olds);
      try {
        const keys = await secrets.take(await standing(news));
        return storedOutputs(news, await replace(keyed(news, keys), etag), secrets.outs);
      } catch (error) {
        if (secrets.isSame(olds)) throw error;
        // On the way to another place: the state must know of what may be there already, for its end.
        throw new PartialError(kind.id(news), { ...olds, moving: pickFields(STORE, news) }, error);
      }
    }
    const { primaryKey, secondaryKey } = isInVault(olds) ? await standing(news) : olds;
    return outputs(news, await replace(keepingKeys(news, primaryKey, secondaryKey), etag));
  };
  /** Where there are secrets: at the enrollment's own place, and at one that an earlier move did not come to. */
  const placesOf = ({ moving, ...props }: Props): readonly Props[] => [
    ...(isInVault(props) ? [props] : []),
    ...(moving === undefined ? [] : [moving as Props]),
  ];
  /** Lets go of secrets that the inputs name no more. */
  const releaseOld = async (olds: Props, news: Props): Promise<void> => {
    for (const place of placesOf(olds)) {
      const secrets = new StoredKeys(gateway, place);
      if (!secrets.isSame(news)) tellLeft(gateway, await secrets.release(news));
    }
  };
  return {
    async check(_olds, news) {
      return kind.check(news);
    },
    async diff(_id, olds, news) {
      // The old one goes first: going back to its ID after a failed change would else adopt it, and then lose it.
      const diff = diffFields(fields, olds, news);
      return { ...diff, changes: diff.changes || isUnsettled(olds), deleteBeforeReplace: true };
    },
    async create(inputs) {
      return { id: kind.id(inputs), outs: await make(inputs) };
    },
    async read(id, props) {
      if (isBegun(props)) return { id, props: { ...props }, inputs: pickFields(fields, props) };
      const found = await kind.client(props).get();
      if (!found) return GONE;
      const body = await withKeys(kind.client(props), found);
      const inputs = pickFields(fields, { ...props, ...kind.readInputs(props, body) });
      const more = props.moving === undefined ? {} : { moving: props.moving };
      if (!isInVault(props)) return { id, props: { ...outputsOf(fields, inputs, body), ...more }, inputs };
      const states = await new StoredKeys(gateway, props).look(body.attestation.symmetricKey);
      const { primaryKeyId, secondaryKeyId } = props;
      const references = { primaryKeyId, secondaryKeyId, ...states, ...more };
      return { id, props: storedOutputs(inputs, body, references), inputs };
    },
    async update(id, olds, news) {
      const outs = await change(olds, news);
      try {
        await releaseOld(olds, news);
      } catch (error) {
        // The secrets of before stay in the state until they are gone, and those of now beside them.
        const moving = isInVault(news) ? { moving: pickFields(STORE, news) } : {};
        throw new PartialError(id, { ...olds, etag: outs.etag, ...moving }, error);
      }
      return { outs };
    },
    async delete(_id, props) {
      // The user asked for its end, whoever changed it last. What stands where ours never came to be is not ours.
      if (!isBegun(props) || (await hasOurKeys(props))) await kind.client(props).delete("*");
      for (const place of placesOf(props)) tellLeft(gateway, await new StoredKeys(gateway, place).release());
    },
  };
}
