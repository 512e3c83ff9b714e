/** The names of the path parameters. */
export const GROUP = "resourceGroupName";
export const NAME = "resourceName";

/** The paths below which ARM's operations are. */
export const SUBSCRIPTION_PATH = "/subscriptions/:subscriptionId";
export const RESOURCE_GROUP_PATH = `${SUBSCRIPTION_PATH}/resourceGroups/:${GROUP}`;
