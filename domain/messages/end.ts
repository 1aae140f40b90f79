import type { Cause, HostState } from '../deploy/plan.ts';
import { onHosts } from './parts/served.ts';

/** Why a worker is not sure that an end of a deploy is true. Parts of sentences, for a page. */
export const notSureWhy = {
  unread: 'the worker could not read what every host serves',
  noProof: 'no worker proved that the rollback target works',
  oldProof: 'the proof of the rollback is from before the deploy',
  failing: (problems: readonly string[]) => `the proof found: ${problems.join('; ')}`,
  notKept: 'nobody decided to keep the release, and its watch proves no success',
  otherServed: 'another release is live than before the deploy',
};

/**
 * Returns the cause of the end of a rollback after which a host does not serve the rollback target.
 */
export const notServed = (states: readonly HostState[], { detail }: Cause) =>
  `the rollback was reported as done, but the hosts serve: ${onHosts([...states])}. ` +
  `The deploy was rolled back because of: ${detail}`;
