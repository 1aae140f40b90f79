import type {
  NorthflankActivities,
  NorthflankStep,
} from '../../../domain/platforms/northflank/activities.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { adoptOrStart, awaitSuccess } from './build.ts';
import type { Connect } from './connect.ts';
import { containersOf, deploy, deploymentOf, mustBeUnmoved, rollBack, verify } from './rollout.ts';
import type { Rolling } from './rollout.ts';
import { effect } from '../../lib/effect.ts';

/**
 * Creates the activities that release on Northflank. Each effect first reads the state, then acts
 * once, then checks the result.
 */
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
    adoptBuild: effect('adoptBuild', ({ known, again, pushed, branch, ...step }) =>
      onService(step, async (rolling) => {
        const more = { known, again, pushed, branch };
        return { buildId: await adoptOrStart({ ...(await building(rolling)), ...more }) };
      }),
    ),
    awaitBuild: ({ buildId, ...step }) =>
      onService(step, async (rolling) => awaitSuccess({ ...(await building(rolling)), buildId })),
    checkUnmoved: ({ buildId, ...step }) =>
      onService(step, async (rolling) => {
        await mustBeUnmoved(rolling, buildId);
        return { containers: await containersOf(rolling) };
      }),
    deployBuild: effect('deployBuild', ({ buildId, ...step }) =>
      onService(step, (rolling) => deploy({ ...rolling, buildId })),
    ),
    verifyDeployment: ({ buildId, others, ...step }) =>
      onService(step, (rolling) => verify({ ...rolling, buildId, others })),
    rollBackDeployment: effect('rollBackDeployment', (step) =>
      withHeartbeat(() => rollBack({ reach: connect(step.target, 'rollback'), step })),
    ),
  };
};
