import { nearest } from '../domain/policy/nearest.ts';
import type { Config } from '../domain/schema.ts';
import type { Problem } from './config-explain.ts';

/** A deploy that begins by itself is asked for by somebody who may ask, and never approve. */
export const triggerRules = (config: Config): Problem[] => [
  ...signerRules(config),
  ...Object.entries(config.projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, { deployOn, pollMinutes }]) => {
      const path = ['projects', project, 'environments', name];
      if (deployOn && !config.requests) return [{ path: [...path, 'deployOn'], what: nobody }];
      const idle = pollMinutes !== undefined && !deployOn;
      return idle ? [{ path: [...path, 'pollMinutes'], what: needless }] : [];
    }),
  ),
];

const nobody =
  'Nobody would ask for these deploys: a request is signed, and the worker has no key for it.\n' +
  'Add requests: { as: NAME, key: /path } at the top, with a name under requesters.';

const needless =
  'Nothing is polled here: pollMinutes belongs to deployOn: push.\nAdd that, or remove this.';

function signerRules({ requests, requesters, approvers }: Config): Problem[] {
  if (!requests || Object.hasOwn(requesters, requests.as)) return [];
  const { as } = requests;
  const path = ['requests', 'as'];
  if (Object.hasOwn(approvers, as)) return [{ path, what: mayApprove(as) }];
  const names = Object.keys(requesters);
  const meant = nearest(as, names);
  const guess = meant ? ` Did you mean "${meant}"?` : '';
  const what = `There is no requester "${as}".${guess}\nConfigured: ${names.join(', ') || 'none'}.`;
  return [{ path, what }];
}

const mayApprove = (as: string) =>
  `${as} is an approver, and a key that lies on the worker must not be able to approve.\n` +
  'Give the worker a name and a key of its own under requesters.';
