import { nearest } from '../../domain/lib/nearest.ts';
import { noRightWords, withRights } from '../../domain/approval/project-rights.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Problem } from './explain.ts';

/** Checks that every deploy on push has a requester, and that this requester is not an approver. */
export const triggerRules = (config: Config): Problem[] => [
  ...signerRules(config),
  ...Object.entries(config.projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, { deployOn, pollMinutes }]) => {
      const path = ['projects', project, 'environments', name];
      if (deployOn && !config.requests) return [{ path: [...path, 'deployOn'], what: nobody }];
      const { as } = config.requests ?? { as: '' };
      const { requesters } = config;
      if (deployOn && Object.hasOwn(requesters, as) && !withRights(requesters, project)[as])
        return [{ path: [...path, 'deployOn'], what: noRights(as, project) }];
      const idle = pollMinutes !== undefined && !deployOn;
      return idle ? [{ path: [...path, 'pollMinutes'], what: needless }] : [];
    }),
  ),
];

const nobody =
  'These deploys have no requester: a request must be signed, and the worker has no key for it.\n' +
  'Add requests: { as: NAME, key: PATH } at the top, with a name under requesters.';

const noRights = (as: string, project: string) =>
  `These deploys have no requester: ${noRightWords(as, project)}.\n` +
  `Add ${project} to requesters.${as}.projects, or remove deployOn.`;

const needless =
  'pollMinutes has no effect without deployOn: push.\nAdd deployOn: push, or remove pollMinutes.';

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
  `${as} is an approver, and a key that is stored on the worker must not be able to approve.\n` +
  'Give the worker a name and a key of its own under requesters.';
