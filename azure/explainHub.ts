/**
 * Error codes of IoT Hub, device and service APIs.
 * Source: Azure documentation "Understand and resolve Azure IoT Hub errors".
 */
import type { ExplanationTable } from "./explanation";

export const HUB_CODES: ExplanationTable = Object.freeze({
  "400001": {
    meaning: "The api-version is missing, or the hub does not know it (InvalidProtocolVersion).",
    remedy: "Send the api-version that Azure's documentation names, for example 2020-03-13.",
  },
  "400004": { meaning: "An argument is invalid.", remedy: "Check the device ID against the hub's rules for names." },
  "400006": {
    meaning: "The request is malformed (IotHubFormatError): its path, its headers or its body.",
    remedy: "Check the device ID in the path, and that the body is the JSON that the operation takes.",
  },
  "401001": {
    meaning: "The hub does not know the caller's credentials or does not exist (IotHubNotFound).",
    remedy: "Check the hub's name and that it is active; a hub made seconds ago may need a minute.",
  },
  "401002": {
    meaning:
      "The hub refuses the device's credentials (IotHubUnauthorizedAccess): it knows only the certificate the device " +
      "last registered with, and only while the device is enabled.",
    remedy: "Register the device again with its present certificate, and check that it is enabled in the hub.",
  },
  "401003": {
    meaning: "The hub refuses the caller (IotHubUnauthorized).",
    remedy: "Give the identity the role IoT Hub Data Contributor, or register the device again.",
  },
  "403001": {
    meaning: "The hub is suspended.",
    remedy: "Look at the subscription's state and the hub's activity log.",
  },
  "403002": {
    meaning: "The hub's message quota of the day is used up.",
    remedy: "Raise hubUnits or hubSku, or wait for midnight UTC.",
  },
  "403004": {
    meaning: "The device's queue of messages is full.",
    remedy: "Let the device receive or purge its messages.",
  },
  "404001": {
    meaning: "The hub has no such device.",
    remedy: "Run `pulumi refresh`: the next `pulumi up` registers the device again.",
  },
  "404103": { meaning: "The device is not connected.", remedy: "Let the device connect, then try again." },
  "409001": { meaning: "The device already exists in the hub.", remedy: "Choose another device ID, or delete it." },
  "412001": {
    meaning: "The device identity was changed by someone else (its ETag differs).",
    remedy: "Run `pulumi refresh`, then `pulumi up`.",
  },
  "413001": { meaning: "The message is larger than 256 KB.", remedy: "Send less in one message." },
  "429001": {
    meaning: "The hub is throttling (ThrottlingException).",
    remedy: "Wait a minute and run `pulumi up` again, or raise hubUnits.",
  },
  "500001": { meaning: "The hub failed on its own side.", remedy: "Run `pulumi up` again in a minute." },
  "501000": {
    meaning: "The local Azure does not emulate this; Azure's own hub may well do it.",
    remedy: "See what it does in docs/local-azure.md, or try it against a subscription.",
  },
  "503001": { meaning: "The hub is not available.", remedy: "Run `pulumi up` again in a minute." },
});
