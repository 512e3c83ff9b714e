import { vaultHost } from "../azure/hosts";
import { isObject } from "../azure/wire/jsonObject";
import { isSame, type Properties } from "../plugin-protocol/propertyValue";
import { type ReadState, ResourceInitFailedError, type ResourceState } from "../plugin-protocol/resourceProvider";
import type { ArmClient, ArmResponse } from "./arm/armClient";
import { ArmError } from "./arm/armError";
import { awaitOperation } from "./arm/longRunningOperation";
import { fillPath, pathParameters, readPath } from "./armPath";
import { driftedInputs } from "./inputDrift";
import { importedInputs, inputsOf, outputsOf, requestBody } from "./resourceBody";
import type { MaintainedMember, ResourceType } from "./types/resourceType";
import { withoutUnmanagedLists, withUnmanagedLists } from "./unmanagedListProperties";
import { inOrderOf } from "./unorderedLists";

/** The requests of the genuine plugin, in its order, for one resource at a time. */
export class ResourceLifecycle {
  constructor(
    private readonly arm: ArmClient,
    private readonly subscriptionId: () => string,
  ) {}

  /** GET (404 goes on, and the initial state of what its parent brings), PUT, polls, GET. */
  async create(type: ResourceType, inputs: Properties, signal: AbortSignal): Promise<ResourceState> {
    const id = this.idOf(type, inputs);
    const found = await this.#get(type, id, signal, [404]);
    if (found.status !== 404 && !isInitial(type, objectOf(found))) {
      throw new Error(`cannot create already existing resource '${id}'`);
    }
    try {
      return await this.#put(type, id, withUnmanagedLists(type, requestBody(type, inputs), undefined), signal);
    } catch (error) {
      if (error instanceof ArmError || error instanceof ResourceInitFailedError) throw error;
      // No response: Azure may have created it. The next run updates it, which creates it where it does not exist.
      throw new ResourceInitFailedError({ id, outputs: {} }, error as Error);
    }
  }

  /** PUT, polls, GET; before them a GET where the request must carry members that the program leaves to others. */
  async update(type: ResourceType, id: string, inputs: Properties, signal: AbortSignal): Promise<ResourceState> {
    const body = requestBody(type, inputs);
    const isMissing = ([member, key]: MaintainedMember) => !isObject(body[member]) || body[member][key] === undefined;
    if (!type.unmanagedLists?.some(isMissing)) return this.#put(type, id, body, signal);
    return this.#put(type, id, withUnmanagedLists(type, body, objectOf(await this.#get(type, id, signal))), signal);
  }

  /** One GET. Undefined when the resource is gone; inputs carry what changed in Azure, or all of it at an import. */
  async read(
    type: ResourceType,
    id: string,
    inputs: Properties,
    state: Properties,
    signal: AbortSignal,
  ): Promise<ReadState | undefined> {
    const parameters = readPath(type.path, id);
    if (!parameters) throw new Error(`'${id}' is no id of ${type.token}; one looks like ${type.path}`);
    const response = await this.#get(type, id, signal, [404]);
    if (response.status === 404) return undefined;
    const body = objectOf(response);
    const outputs = outputsOf(type, body);
    if (Object.keys(inputs).length === 0) {
      const { subscriptionId: _, ...named } = parameters;
      return { id, outputs, inputs: { ...named, ...importedInputs(type, body) } };
    }
    const comparable = (properties: Properties): Properties =>
      inOrderOf(type.body, withoutUnmanagedLists(type, inputsOf(type, properties), inputs), inputs);
    return { id, outputs, inputs: driftedInputs(inputs, comparable(state), comparable(body)) };
  }

  /** DELETE, polls. A resource that is gone already is a success. */
  async remove(type: ResourceType, id: string, signal: AbortSignal): Promise<void> {
    const url = type.deletedIn === "vault" ? vaultUrl(id) : this.#url(type, id);
    const response = await this.arm.send({ method: "DELETE", url }, signal, [404]);
    if (response.status === 404) return;
    const operation = { method: "DELETE", resourceUrl: url, deleteIsPolled: type.deleteIsPolled } as const;
    await awaitOperation(this.arm, response, operation, signal);
  }

  /** PUT and GET responses differ in places, and refreshes compare with a GET. A GET that fails fails the whole. */
  async #put(type: ResourceType, id: string, body: Properties, signal: AbortSignal): Promise<ResourceState> {
    const url = this.#url(type, id);
    const put = await this.arm.send({ method: "PUT", url, body }, signal);
    try {
      if (!type.putIsComplete) await awaitOperation(this.arm, put, { method: "PUT", resourceUrl: url }, signal);
      return stateOf(type, id, await this.#get(type, id, signal));
    } catch (error) {
      throw await this.#initFailed(type, id, error as Error, put);
    }
  }

  async #initFailed(type: ResourceType, id: string, error: Error, put: ArmResponse): Promise<Error> {
    // A canceled run reads the resource all the same, or it would be lost.
    const found = await this.#get(type, id, AbortSignal.timeout(30_000), [404]).catch(() => put);
    if (found.status === 404) return error;
    return new ResourceInitFailedError(stateOf(type, id, found), error);
  }

  #get(type: ResourceType, id: string, signal: AbortSignal, expected?: readonly number[]): Promise<ArmResponse> {
    return this.arm.send({ method: "GET", url: this.#url(type, id) }, signal, expected);
  }

  /** The ARM ID that a resource with these inputs has. */
  idOf(type: ResourceType, inputs: Properties): string {
    const values = pathParameters(type.path).map((name): [string, string] => [name, String(inputs[name] ?? "")]);
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

function isInitial(type: ResourceType, response: Properties): boolean {
  const outputs = outputsOf(type, response);
  return (
    type.initialState !== undefined &&
    Object.entries(type.initialState).every(([key, value]) => isSame(outputs[key], value))
  );
}

const objectOf = (response: ArmResponse): Properties => (isObject(response.body) ? response.body : {});

/** The state by a response, with ARM's own spelling of the ID where it has one. */
function stateOf(type: ResourceType, id: string, response: ArmResponse): ResourceState {
  const body = objectOf(response);
  return { id: typeof body.id === "string" && body.id !== "" ? body.id : id, outputs: outputsOf(type, body) };
}
