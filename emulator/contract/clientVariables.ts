import type { Ready } from "./ready";

/**
 * Variables that lead clients to the local Azure: Azure's SDKs, az, curl, Python and Go. Which client needs which one was
 * tried one by one; NO_PROXY keeps gRPC between processes on the loopback (grpc-js reads the lower-case spellings).
 * `bundle`: a file of the system's roots and the local CA's certificate.
 */
export function clientVariables(
  { proxyUrl, caFile }: Pick<Ready, "proxyUrl" | "caFile">,
  bundle: string,
): Record<string, string> {
  // The name of a container, too: its control listener is no host of Azure's.
  const direct = [...new Set(["127.0.0.1", "localhost", "::1", new URL(proxyUrl).hostname])].join();
  return {
    HTTPS_PROXY: proxyUrl,
    https_proxy: proxyUrl,
    HTTP_PROXY: proxyUrl,
    http_proxy: proxyUrl,
    mqtt_proxy: proxyUrl,
    NO_PROXY: direct,
    no_proxy: direct,
    NODE_USE_ENV_PROXY: "1",
    NODE_EXTRA_CA_CERTS: caFile,
    SSL_CERT_FILE: bundle,
    REQUESTS_CA_BUNDLE: bundle,
    CURL_CA_BUNDLE: bundle,
  };
}
