import { AmqpError, CONDITION } from "./amqpErrors";
import type { IncomingLink, OutgoingLink } from "./amqpLinks";
import { type AmqpMessage, encodeMessage } from "./amqpMessage";
import type { LinkRoute } from "./linkRoutes";

/** Responses that wait for a client's credit. */
const MAX_WAITING = 64;

/** Sends messages one after the other, as the client gives credit. A client that gives none gets its link closed. */
export class ReplyQueue {
  readonly #waiting: Buffer[] = [];

  constructor(private readonly link: OutgoingLink) {
    link.presettle();
    link.onReady(() => this.#send());
  }

  push(message: AmqpMessage): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.link.close(new AmqpError(CONDITION.limit, `more than ${MAX_WAITING} responses wait for credit`));
      return;
    }
    this.#waiting.push(encodeMessage(message));
    this.#send();
  }

  #send(): void {
    while (this.link.isReady) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.link.send(next);
    }
  }
}

/**
 * A node of requests and responses (AMQP Management 1.0; `$cbs`, `$management`): the client sends requests on one link and
 * receives responses on another. `respond` returns the response without its correlation ID; it throws AmqpError to reject
 * the request itself.
 */
export function requestNode(
  address: string,
  respond: (request: AmqpMessage, params: Readonly<Record<string, string>>) => AmqpMessage | Promise<AmqpMessage>,
): LinkRoute[] {
  const replies = new Map<OutgoingLink, ReplyQueue>();
  /** The link that the request names: by the address of the client's end, or by its name; else the node's only one. */
  const replyLink = (replyTo: string | undefined): ReplyQueue | undefined => {
    const links = [...replies.keys()];
    const link = links.find(({ target, name }) => replyTo !== undefined && (target === replyTo || name === replyTo));
    return replies.get(link ?? (links[0] as OutgoingLink));
  };
  return [
    {
      from: "service",
      address,
      attach(link) {
        replies.set(link, new ReplyQueue(link));
        link.onClosed(() => replies.delete(link));
      },
    },
    {
      from: "client",
      address,
      attach(link: IncomingLink, params) {
        link.receive(async (request) => {
          const response = await respond(request, params);
          const reply = replyLink(request.reply_to);
          if (!reply) throw noReply(address);
          const correlated = { ...response, correlation_id: request.correlation_id ?? request.message_id };
          // After the request is settled: uamqp, of az, takes a response before that for a failure.
          setImmediate(() => reply.push(correlated));
        });
      },
    },
  ];
}

const noReply = (address: string): AmqpError =>
  new AmqpError(CONDITION.precondition, `the client has no link that receives from ${address}`);
