import type { Service } from "../../kernel/service";

/** HTTP at the Event Hubs-compatible endpoints: only the upgrade to WebSocket is emulated. Returns 501. */
export const eventHubsHttp: Service = {
  name: "event-hubs",
  handle(request, response) {
    request.resume();
    const body =
      "NotEmulated: the local Azure serves the built-in endpoint of IoT hubs by AMQP, over TLS and WebSocket.\n";
    response.writeHead(501, { "content-type": "text/plain; charset=utf-8" }).end(body);
  },
};
