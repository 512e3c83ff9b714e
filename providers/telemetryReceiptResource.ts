import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./forward";

/** The message of a device that its hub accepted. */
export interface AcceptedMessage {
  readonly deviceId: string;
  /** Host name of the hub. */
  readonly assignedHub: string;
  /** Undefined for a device that has sent no message, or sent it by an older version of this package. */
  readonly messageId?: string;
  /** ISO 8601. */
  readonly sentAt?: string;
}

/** Inputs of {@link TelemetryReceiptResource}. */
export interface TelemetryReceiptInputs {
  /** ARM ID of the hub. A change replaces. */
  readonly hubId: pulumi.Input<string>;
  /** The messages to read back. */
  readonly messages: pulumi.Input<readonly pulumi.Input<AcceptedMessage>[]>;
  /** Default `$Default`. */
  readonly consumerGroup?: pulumi.Input<string>;
  /** Shared access policy with ServiceConnect. Default `service`. */
  readonly policy?: pulumi.Input<string>;
  /** Seconds that the messages are waited for. Default 120. */
  readonly timeoutSeconds?: pulumi.Input<number>;
}

/** What became of a device's message. */
export interface MessageReceipt {
  readonly deviceId: string;
  /** `received` if the message was read back from the hub's events; `unread` if that is not possible. */
  readonly status: "received" | "unread";
  /** Why the message is unread. */
  readonly reason?: string;
  readonly messageId?: string;
  readonly partition?: string;
  readonly sequenceNumber?: number;
  /** When the message was enqueued, ISO 8601. */
  readonly enqueuedTime?: string;
}

/** The messages of devices, read back from the built-in endpoint of their hub. */
export class TelemetryReceiptResource extends DynamicResource {
  /** One for each message. */
  declare readonly receipts: pulumi.Output<MessageReceipt[]>;

  constructor(name: string, inputs: TelemetryReceiptInputs, opts?: pulumi.CustomResourceOptions) {
    super("telemetryReceipt", name, ["receipts"], inputs, opts);
  }
}
