import * as pulumi from "@pulumi/pulumi";

/** A resource as the program registers it with the engine: the options that Pulumi's mocks leave out. */
export interface ResourceRequest {
  getType(): string;
  getName(): string;
  getProtect(): boolean;
  getDependenciesList(): readonly string[];
  getIgnorechangesList(): readonly string[];
  getAliasesList(): readonly { getSpec(): { getName(): string } | undefined }[];
}

interface Monitor {
  registerResource(request: ResourceRequest, callback: unknown): unknown;
}

/** Records the requests that Pulumi's mocks receive from now on; call it after `setMocks`. */
export function recordRequests(): readonly ResourceRequest[] {
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const requests: ResourceRequest[] = [];
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    requests.push(request);
    return register(request, callback);
  };
  return requests;
}
