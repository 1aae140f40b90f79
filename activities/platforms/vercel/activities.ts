import type { VercelActivities, VercelStep } from '../../../domain/platforms/vercel/activities.ts';
import { bounds } from '../../../domain/platforms/vercel/bounds.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import { autoAssignOff } from './auto-assign.ts';
import { awaitDeployment } from './await-build.ts';
import type { BuildPace } from './await-build.ts';
import { checkProduction } from './check-production.ts';
import { moveTo } from './move.ts';
import type { At, Pace } from './move.ts';
import { pickDeployment } from './pick.ts';
import type { PickPace } from './pick.ts';
import { bypassOf, vercelOf } from './place.ts';
import { smokeDeployment } from './preview.ts';
import { proveProduction } from './prove.ts';
import { rollBack } from './roll-back.ts';
import { effect } from '../../lib/effect.ts';
import { steadyNow } from '../../lib/clocks.ts';

type Deps = { secret: (ref: string) => string } & Partial<Pace & BuildPace & PickPace>;

const second = 1000;
const usual: Pace & BuildPace & PickPace = {
  now: steadyNow,
  moveMs: second / 2,
  mostMoveMs: bounds.moveMs,
  pollMs: 3 * second,
  mostBuildMs: bounds.buildMs,
  appearMs: bounds.appearMs,
  graceMs: 60 * second,
};

/**
 * Creates the activities that release on Vercel. Each effect first reads the state, then acts once,
 * then checks the result. Tests pass shorter times than `usual`.
 */
export function createVercelActivities({ secret, ...given }: Deps): VercelActivities {
  const pace = { ...usual, ...given };
  const of = vercelOf(secret);
  const at = ({ target }: VercelStep): At => ({ pace, vercel: of(target), target });
  return {
    checkProduction: (step) => withHeartbeat(() => checkProduction(at(step), step)),
    pickDeployment: effect('pickDeployment', (step) =>
      withHeartbeat(() => pickDeployment({ pace, vercel: of(step.target) }, step)),
    ),
    awaitDeployment: (build) =>
      withHeartbeat(() => awaitDeployment({ pace, vercel: of(build.target), build })),
    smokeDeployment: (step) => {
      const asking = { vercel: of(step.target), headers: bypassOf(secret)(step.target) };
      return withHeartbeat(() => smokeDeployment(asking, step));
    },
    promoteDeployment: effect('promoteDeployment', (build) =>
      withHeartbeat(async () => {
        const here = at(build);
        const where = { project: build.target.project, id: build.id };
        const promoted = await moveTo(here, build.id, 'promote', ({ id: projectId }) =>
          here.vercel.promote({ ...where, projectId }),
        );
        return { promoted: promoted === 'already' ? 'already' : 'done' };
      }),
    ),
    turnAutoAssignOff: effect('turnAutoAssignOff', (step) =>
      withHeartbeat(async () => ({ turned: await autoAssignOff(at(step)) })),
    ),
    proveProduction: (build) =>
      withHeartbeat(() => proveProduction(at(build), build, build.timing.startUpMs)),
    rollBackProduction: effect('rollBackProduction', (step) =>
      withHeartbeat(() => rollBack(at(step), step)),
    ),
  };
}
