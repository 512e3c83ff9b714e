import { vaultHost } from "../azure/hosts";
import type { ArmAnswer, ArmClient } from "./arm/client";
import { follow } from "./arm/poll";
import { inputsOf, outputsOf, requestBody } from "./body";
import { drifted } from "./drift";
import { fillPath, pathParameters, readPath } from "./paths";
import type { ResourceType } from "./types/resourceType";
import { isObject, open, type Properties, plainObject } from "./values";

/** What a resource is after a request: its id, and the outputs that the SDK's class promises. */
export interface Made {
  readonly id: string;
  readonly outputs: Properties;
}

/** A resource that was accepted and then failed: it stands in Azure, so it must stay in the state. */
export class PartlyMadeError extends Error {
  override readonly name = "PartlyMadeError";
  constructor(
    readonly made: Made,
    cause: Error,
  ) {
    super(cause.message, { cause });
  }
}

/** The requests of the genuine plugin, in its order, for one resource at a time. */
export class Lifecycle {
  constructor(
    private readonly arm: ArmClient,
    private readonly subscriptionId: () => string,
    private readonly warn: (message: string) => void,
  ) {}

  /** GET (404 goes on), PUT, polls, GET. */
  async create(type: ResourceType, inputs: Properties, signal: AbortSignal): Promise<Made> {
    const id = this.#id(type, inputs);
    const found = await this.arm.send({ method: "GET", url: this.#url(type, id) }, signal, [404]);
    if (found.status !== 404) throw new Error(`cannot create already existing resource '${id}'`);
    return this.#put(type, id, inputs, signal);
  }

  /** PUT, polls, GET. */
  async update(type: ResourceType, id: string, inputs: Properties, signal: AbortSignal): Promise<Made> {
    return this.#put(type, id, inputs, signal);
  }

  /** One GET. Undefined when the resource is gone; inputs carry what changed in Azure, or all of it at an import. */
  async read(
    type: ResourceType,
    id: string,
    inputs: Properties,
    state: Properties,
    signal: AbortSignal,
  ): Promise<(Made & { readonly inputs: Properties }) | undefined> {
    const parameters = readPath(type.path, id);
    if (!parameters) throw new Error(`'${id}' is no id of ${type.token}; one looks like ${type.path}`);
    const answer = await this.arm.send({ method: "GET", url: this.#url(type, id) }, signal, [404]);
    if (answer.status === 404) return undefined;
    const body = objectOf(answer);
    const now = inputsOf(type, plainObject(body));
    const isImport = Object.keys(inputs).length === 0;
    const { subscriptionId: _, ...named } = parameters;
    const next = isImport ? { ...named, ...now } : drifted(inputs, inputsOf(type, plainObject(state)), now);
    return { id: idOf(answer, id), outputs: outputsOf(type, body, next), inputs: next };
  }

  /** DELETE, polls. A resource that is gone already is a success. */
  async remove(type: ResourceType, id: string, signal: AbortSignal): Promise<void> {
    const url = type.deletedIn === "vault" ? vaultUrl(id) : this.#url(type, id);
    const answer = await this.arm.send({ method: "DELETE", url }, signal, [404]);
    if (answer.status === 404) return;
    await follow(this.arm, answer, { method: "DELETE", resourceUrl: url, deleteIsPolled: type.deleteIsPolled }, signal);
  }

  async #put(type: ResourceType, id: string, inputs: Properties, signal: AbortSignal): Promise<Made> {
    const url = this.#url(type, id);
    const answer = await this.arm.send({ method: "PUT", url, body: requestBody(type, inputs) }, signal);
    try {
      await follow(this.arm, answer, { method: "PUT", resourceUrl: url, deleteIsPolled: false }, signal);
    } catch (error) {
      throw await this.#partly(type, id, inputs, error as Error, answer);
    }
    const standing = await this.#readBack(type, id, answer, signal);
    return { id: idOf(standing, id), outputs: outputsOf(type, objectOf(standing), inputs) };
  }

  /** What a PUT answers and what a GET answers differ in places, and refreshes compare with a GET. */
  async #readBack(type: ResourceType, id: string, put: ArmAnswer, signal: AbortSignal): Promise<ArmAnswer> {
    try {
      return await this.arm.send({ method: "GET", url: this.#url(type, id) }, signal);
    } catch (error) {
      this.warn(`failed to read ${id} after it was written: ${(error as Error).message}`);
      return put;
    }
  }

  async #partly(type: ResourceType, id: string, inputs: Properties, error: Error, put: ArmAnswer): Promise<Error> {
    // The run may have been cancelled; what stands is asked for all the same, or it would be lost.
    const signal = AbortSignal.timeout(30_000);
    const found = await this.arm.send({ method: "GET", url: this.#url(type, id) }, signal, [404]).catch(() => put);
    if (found.status === 404) return error;
    return new PartlyMadeError({ id: idOf(found, id), outputs: outputsOf(type, objectOf(found), inputs) }, error);
  }

  #id(type: ResourceType, inputs: Properties): string {
    const values = pathParameters(type.path).map((name): [string, string] => [name, String(open(inputs[name] ?? ""))]);
    return fillPath(type.path, { ...Object.fromEntries(values), subscriptionId: this.subscriptionId() });
  }

  #url(type: ResourceType, id: string): string {
    return this.arm.url(id, type.apiVersion);
  }
}

/** The version of the data plane that azure-native 3.28 deletes secrets by. */
const VAULT_VERSION = "7.6";

/** `…/vaults/v/secrets/s` in ARM is `https://v.vault.azure.net/secrets/s` in the data plane. */
function vaultUrl(id: string): string {
  const [vault = "", kind = "", name = ""] = id.split("/vaults/").at(-1)?.split("/") ?? [];
  return `https://${vaultHost(vault)}/${kind}/${name}?api-version=${VAULT_VERSION}`;
}

const objectOf = (answer: ArmAnswer): Properties => (isObject(answer.body) ? answer.body : {});

/** ARM's own spelling of the id where it says one. */
function idOf(answer: ArmAnswer, asked: string): string {
  const { id } = objectOf(answer);
  return typeof id === "string" && id !== "" ? id : asked;
}
