/**
 * The property bag of a topic, `a=1&b=&c`: percent-encoded by RFC 3986, so that a plus is no blank. Without `=` a property has
 * no value. Source: Azure documentation "Communicate with an IoT hub using the MQTT protocol".
 */

/** Name and value of a property; undefined for no value. */
export type Property = readonly [name: string, value: string | undefined];

/** Returns the properties of a bag. Throws URIError for an invalid percent-encoding. */
export function readBag(bag: string): Property[] {
  return bag
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf("=");
      return at < 0
        ? [decodeURIComponent(pair), undefined]
        : [decodeURIComponent(pair.slice(0, at)), decodeURIComponent(pair.slice(at + 1))];
    });
}

/** Returns the bag of properties. */
export const writeBag = (properties: readonly Property[]): string =>
  properties
    .map(([name, value]) => (value === undefined ? encoded(name) : `${encoded(name)}=${encoded(value)}`))
    .join("&");

/** A lone surrogate, which UTF-8 does not have, becomes the replacement character. */
const encoded = (text: string): string => encodeURIComponent(text.replace(LONE_SURROGATE, "\ufffd"));
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
