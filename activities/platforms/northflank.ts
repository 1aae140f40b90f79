import type { NorthflankActivities, NorthflankStep } from '../../domain/activities/northflank.ts';
import { withHeartbeat } from '../lib/heartbeat.ts';
import { adoptOrStart, awaitSuccess } from './northflank/build.ts';
import type { Connect } from './northflank/connect.ts';
import {
  containersOf,
  deploy,
  deploymentOf,
  mustBeUnmoved,
  restore,
  verify,
} from './northflank/rollout.ts';
import type { Rolling } from './northflank/rollout.ts';

/** The verbs of Northflank: every effect looks first, acts once, proves. */
export const createNorthflankActivities = (connect: Connect): NorthflankActivities => {
  const onService = async <T>(step: NorthflankStep, work: (rolling: Rolling) => Promise<T>) =>
    await withHeartbeat(() => work({ reach: connect(step.target), step }));
  const building = async (rolling: Rolling) => ({
    ...rolling,
    from: (await deploymentOf(rolling)).from,
  });
  return {
    readBuilds: (step) =>
      onService(step, async (rolling) => {
        await mustBeUnmoved(rolling);
        const { from, reach } = await building(rolling);
        const { builds } = await reach.builder(from).builds(1);
        const ours = builds.filter(({ sha }) => sha === step.release.sha);
        return { known: ours.map(({ id }) => id) };
      }),
    adoptBuild: ({ known, again, pushed, branch, ...step }) =>
      onService(step, async (rolling) => {
        const more = { known, again, pushed, branch };
        return { buildId: await adoptOrStart({ ...(await building(rolling)), ...more }) };
      }),
    awaitBuild: ({ buildId, ...step }) =>
      onService(step, async (rolling) => awaitSuccess({ ...(await building(rolling)), buildId })),
    checkUnmoved: ({ buildId, ...step }) =>
      onService(step, async (rolling) => {
        await mustBeUnmoved(rolling, buildId);
        return { containers: await containersOf(rolling) };
      }),
    deployBuild: ({ buildId, ...step }) =>
      onService(step, (rolling) => deploy({ ...rolling, buildId })),
    verifyDeployment: ({ buildId, others, ...step }) =>
      onService(step, (rolling) => verify({ ...rolling, buildId, others })),
    restoreDeployment: (step) =>
      withHeartbeat(() => restore({ reach: connect(step.target, 'restore'), step })),
  };
};
