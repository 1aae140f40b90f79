import type { HostState, Release } from '../deploy/plan.ts';

/**
 * Returns true if this host or service serves the release. A release with a platform id is compared
 * by this id, because an adopted deployment may have no commit.
 */
export const serves = (state: HostState, { sha, platformId }: Release): boolean =>
  platformId === undefined ? state.sha === sha : state.id === platformId;
