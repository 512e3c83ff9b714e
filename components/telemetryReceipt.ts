import * as pulumi from "@pulumi/pulumi";
import type { Telemetry } from "../providers/deviceRegistrationResource";
import {
  type AcceptedMessage,
  type MessageReceipt,
  TelemetryReceiptResource,
} from "../providers/telemetryReceiptResource";
import { childName, componentType } from "./naming";

/** A hub with messages, such as an `IotHub`. */
export interface EventsHub {
  /** The resource ID. */
  resourceId: pulumi.Input<string>;
}

/** A device with a message, such as a `SampleDevice`. */
export interface SendingDevice {
  /** Device ID in the hub. */
  deviceId: pulumi.Input<string>;
  /** Host name of the hub. */
  assignedHub: pulumi.Input<string>;
  /** The message; undefined for a device that has sent none. */
  telemetry: pulumi.Input<Telemetry | undefined>;
}

/** The set of arguments for constructing a {@link TelemetryReceipt}. */
export interface TelemetryReceiptArgs {
  /** The hub. The deploying identity needs the permission to list its keys. */
  hub: EventsHub;
  /** The devices. */
  devices: SendingDevice[];
  /** The consumer group of the hub's built-in endpoint. Default `$Default`. */
  consumerGroup?: pulumi.Input<string>;
  /** The shared access policy whose key opens the endpoint; it has the right ServiceConnect. Default `service`. */
  policy?: pulumi.Input<string>;
  /** Seconds until the deployment fails. Default 120. */
  timeoutSeconds?: pulumi.Input<number>;
}

/**
 * Reads the messages of devices back from the built-in, Event Hubs-compatible endpoint of their hub: the deployment fails if one
 * does not arrive. The key that opens the endpoint is fetched for the reading and is not kept. A hub that refuses shared access
 * keys cannot be read; the receipt says so.
 */
export class TelemetryReceipt extends pulumi.ComponentResource {
  /** What became of the message of each device. */
  readonly receipts: pulumi.Output<MessageReceipt[]>;

  /**
   * Create a TelemetryReceipt with the given unique name, arguments, and options.
   *
   * @param name The unique name of the component.
   * @param args The arguments to use to populate this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: TelemetryReceiptArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("TelemetryReceipt"), name, args, opts);
    const { hub, devices, consumerGroup, policy, timeoutSeconds } = args;
    const receipt = new TelemetryReceiptResource(
      childName(name, "receipt"),
      { hubId: hub.resourceId, messages: devices.map(messageOf), consumerGroup, policy, timeoutSeconds },
      { parent: this },
    );
    this.receipts = receipt.receipts;
    this.registerOutputs({ receipts: this.receipts });
  }
}

const messageOf = ({ deviceId, assignedHub, telemetry }: SendingDevice): pulumi.Output<AcceptedMessage> =>
  pulumi.output({ deviceId, assignedHub, telemetry }).apply(({ telemetry: message, ...device }) => ({
    ...device,
    messageId: message?.messageId,
    sentAt: message?.at,
  }));
