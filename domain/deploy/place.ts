/**
 * Identifies a deploy. `deployId` and the name of a step together are the idempotency key of an
 * effect.
 */
export type DeployRef = { deployId: string; project: string; environment: string; sha: string };

/** A place is one environment of one project. */
export type Place = { project: string; environment: string };
