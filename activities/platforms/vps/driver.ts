import type { VpsTarget } from '../../../domain/platforms/vps/target.ts';
import type { OpenHost } from './ssh/on-host.ts';
import type { Driver } from '../driver.ts';
import type { VpsActivities } from './activities.ts';
import { measureBaseline } from './log/baseline.ts';
import { createErrorLogSource } from './log/error-log-source.ts';
import { logLines } from './log/log-lines.ts';
import { withoutLfsTool } from './lfs-tool.ts';
import { processesOn } from './processes-on.ts';
import { variablesOn } from './variables.ts';
import { rollbackReadyOn } from './rollback-ready.ts';

type Deps = { openHost: OpenHost } & Pick<VpsActivities, 'inspectHosts'>;

/** Makes the driver for VPS hosts. It reads all facts on the hosts over ssh. */
export const createVpsDriver = ({ openHost, inspectHosts }: Deps): Driver<VpsTarget> => ({
  inspect: (target) => inspectHosts({ target }),
  processes: (target, sha) => processesOn(openHost, target, sha),
  rollbackReady: (target, rollbackTarget) => rollbackReadyOn(openHost, target, rollbackTarget),
  guards: async () => [],
  leavesOut: (target, { lfs }) => withoutLfsTool(openHost, target, lfs),
  variables: (target) => variablesOn(openHost, target),
  oldAddress: async () => null,
  measureBaseline: (asked) => measureBaseline(openHost, asked),
  errorSource: (on) => createErrorLogSource({ openHost, ...on }),
  lastLines: ({ target }) => logLines(openHost, target),
});
