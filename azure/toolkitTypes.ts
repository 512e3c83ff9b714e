/** The types of the toolkit's own resources. */

const DYNAMIC = "pulumi-nodejs:dynamic/iot:";
const PLUGIN = "zero-touch:index:";

/**
 * The type of the same resource as a dynamic one, `pulumi-nodejs:dynamic/iot:EnrollmentGroup`, for one of the plugin,
 * `zero-touch:index:EnrollmentGroup`; any other type as it is. What is known about a resource does not depend on who serves it.
 */
export const dynamicType = (type: string): string =>
  type.startsWith(PLUGIN) ? `${DYNAMIC}${type.slice(PLUGIN.length)}` : type;
