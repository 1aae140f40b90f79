import type { VpsTarget } from '../../../domain/plan.ts';
import type { OpenHost } from '../../watch/on-host.ts';
import type { Driver } from '../driver.ts';
import type { VpsActivities } from '../vps.ts';
import { measureBaseline } from './baseline.ts';
import { createLogEyes } from './log-eye.ts';
import { logLines } from './log-lines.ts';
import { variablesOn } from './variables.ts';
import { wayBackOn } from './way-back.ts';

type Deps = { openHost: OpenHost } & Pick<VpsActivities, 'inspectHosts'>;

/** Everything is read over ssh, on the hosts themselves. */
export const createVpsDriver = ({ openHost, inspectHosts }: Deps): Driver<VpsTarget> => ({
  inspect: (target) => inspectHosts({ target }),
  wayBack: (target, restoreTo) => wayBackOn(openHost, target, restoreTo),
  guards: async () => [],
  variables: (target) => variablesOn(openHost, target),
  oldAddress: async () => null,
  measureBaseline: (asked) => measureBaseline(openHost, asked),
  eyes: (on) => createLogEyes({ openHost, ...on }),
  lastLines: ({ target }) => logLines(openHost, target),
});
