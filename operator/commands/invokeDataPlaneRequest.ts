import { AzureError, UnreachableError } from "../../azure/clients/azureError";
import { nameError } from "../../azure/names";
import { OperatorError } from "../operatorError";
import type { AzureClients } from "../stack/azureClients";
import {
  DATA_PLANE_PARAMETERS,
  DATA_PLANE_REQUESTS,
  type DataPlaneParameter,
  type DataPlaneRequest,
  withoutKeys,
} from "../stack/dataPlaneRequests";
import type { OperatorStack } from "../stack/operatorStack";
import { outputsOf, textOf } from "../stack/stampInformation";
import type { CommandParameter, OperatorCommand, ParameterValues } from "./operatorCommand";

const names = Object.keys(DATA_PLANE_PARAMETERS) as DataPlaneParameter[];

const idParameter = (name: DataPlaneParameter): CommandParameter => {
  const requests = DATA_PLANE_REQUESTS.filter(({ parameter }) => parameter === name).map((each) => each.name);
  return { name, type: "String", about: `For ${requests.join(", ")}.`, to: 128 };
};

/** The ID of a request; the other parameters are not given. */
function idOf({ name, parameter }: DataPlaneRequest, parameters: ParameterValues): string {
  const surplus = names.find((each) => each !== parameter && parameters[each] !== undefined);
  const remedy = `give -${parameter} alone`;
  if (surplus !== undefined) throw new OperatorError("ParameterInvalid", `${name} has no -${surplus}.`, remedy);
  const id = parameters[parameter];
  if (typeof id !== "string") throw new OperatorError("ParameterMissing", `${name} needs -${parameter}.`, remedy);
  const error = nameError(DATA_PLANE_PARAMETERS[parameter], id);
  // In a URL these are no names.
  if (error === undefined && !/^\.{1,2}$/.test(id)) return id;
  throw new OperatorError("ParameterInvalid", `-${parameter}: ${error ?? "no dots alone"}.`, "correct the ID");
}

/** Invoke-DataPlaneRequest. */
export const invokeDataPlaneRequest = ({
  stack,
  azure,
}: {
  readonly stack: Pick<OperatorStack, "resources">;
  readonly azure: Pick<AzureClients, "dataPlane">;
}): OperatorCommand => ({
  name: "Invoke-DataPlaneRequest",
  about:
    "Sends a request to the stack's provisioning service or hub, by its name in Azure's REST specifications. Keys in the response are [secret].",
  parameters: [
    {
      name: "Request",
      type: "String",
      about: "Name of the request.",
      isMandatory: true,
      position: 0,
      choices: DATA_PLANE_REQUESTS.map(({ name }) => name),
    },
    ...names.map(idParameter),
  ],
  role: "administrator",
  isUnlockedOnly: true,
  example: "Invoke-DataPlaneRequest Devices_GetTwin -DeviceId group-device-01",
  async run(parameters) {
    const wanted = String(parameters.Request).toLowerCase();
    const request = DATA_PLANE_REQUESTS.find(({ name }) => name.toLowerCase() === wanted);
    if (request === undefined) throw new TypeError("The request is not among the choices");
    const id = idOf(request, parameters);
    const outputs = outputsOf(await stack.resources());
    const host = textOf(outputs, request.service === "dps" ? "serviceEndpoint" : "hubHostName");
    const { status, body, continuation } = await azure
      .dataPlane(request.service, host)
      .send({
        method: request.method,
        path: request.path(encodeURIComponent(id)),
        ifMatch: request.method === "DELETE" ? "*" : undefined,
        body: request.method === "POST" ? { query: "*" } : undefined,
        operation: `send ${request.name}`,
      })
      .catch((error: unknown) => {
        if (!(error instanceof AzureError) && !(error instanceof UnreachableError)) throw error;
        const code = error instanceof AzureError && error.status === 404 ? "NotFound" : "StackFailed";
        throw new OperatorError(code, error.message, undefined, { cause: error });
      });
    return { value: { status, body: withoutKeys(body), hasMore: continuation !== undefined } };
  },
});
