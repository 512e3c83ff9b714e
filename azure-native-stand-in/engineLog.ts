import { credentials } from "@grpc/grpc-js";

/** Shows a warning beside a resource (empty URN: beside the stack). Never fails: a warning is not worth a deployment. */
export function engineWarnings(address: string | undefined): (urn: string, message: string) => void {
  return (urn, message) => {
    if (!address) return;
    // Warnings are rare, so their part of the protocol is loaded when the first one comes.
    const { EngineClient } = require("@pulumi/pulumi/proto/engine_grpc_pb") as EngineModule;
    const { LogRequest, LogSeverity } =
      require("@pulumi/pulumi/proto/engine_pb") as typeof import("@pulumi/pulumi/proto/engine_pb");
    const request = new LogRequest();
    request.setSeverity(LogSeverity.WARNING);
    request.setMessage(message);
    request.setUrn(urn);
    // The engine is on this machine; HTTPS_PROXY is for Azure's names only.
    const client = new EngineClient(address, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
    client.log(request, () => client.close());
  };
}

type EngineModule = typeof import("@pulumi/pulumi/proto/engine_grpc_pb");
