import type { VercelActivities, VercelStep } from '../../domain/activities/vercel.ts';
import { platformBounds } from '../../domain/policy/platform-bounds.ts';
import { pulse } from '../git/pulse.ts';
import { autoAssignOff } from './vercel/auto-assign.ts';
import { awaitDeployment } from './vercel/await-build.ts';
import type { BuildPace } from './vercel/await-build.ts';
import { checkProduction } from './vercel/check-production.ts';
import { moveTo } from './vercel/move.ts';
import type { At, Pace } from './vercel/move.ts';
import { pickDeployment } from './vercel/pick.ts';
import type { PickPace } from './vercel/pick.ts';
import { bypassOf, vercelOf } from './vercel/place.ts';
import { smokeDeployment } from './vercel/preview.ts';
import { proveProduction } from './vercel/prove.ts';
import { rollBack } from './vercel/restore.ts';

type Deps = { secret: (ref: string) => string } & Partial<Pace & BuildPace & PickPace>;

const second = 1000;
const bounds = platformBounds.vercel;
const usual: Pace & BuildPace & PickPace = {
  now: Date.now,
  moveMs: second / 2,
  mostMoveMs: bounds.moveMs,
  pollMs: 3 * second,
  mostBuildMs: bounds.buildMs,
  appearMs: bounds.appearMs,
  graceMs: 60 * second,
};

/** The Vercel verbs: every effect looks first, acts once, proves. The pace is replaced in tests. */
export function createVercelActivities({ secret, ...given }: Deps): VercelActivities {
  const pace = { ...usual, ...given };
  const of = vercelOf(secret);
  const at = ({ target }: VercelStep): At => ({ pace, vercel: of(target), target });
  return {
    checkProduction: (step) => pulse(() => checkProduction(at(step), step)),
    pickDeployment: (step) => pulse(() => pickDeployment({ pace, vercel: of(step.target) }, step)),
    awaitDeployment: (build) =>
      pulse(() => awaitDeployment({ pace, vercel: of(build.target), build })),
    smokeDeployment: (step) => {
      const asking = { vercel: of(step.target), headers: bypassOf(secret)(step.target) };
      return pulse(() => smokeDeployment(asking, step));
    },
    promoteDeployment: (build) =>
      pulse(async () => {
        const here = at(build);
        const where = { project: build.target.project, id: build.id };
        const promoted = await moveTo(here, build.id, 'promote', ({ id: projectId }) =>
          here.vercel.promote({ ...where, projectId }),
        );
        return { promoted: promoted === 'already' ? 'already' : 'done' };
      }),
    turnAutoAssignOff: (step) => pulse(async () => ({ turned: await autoAssignOff(at(step)) })),
    proveProduction: (build) =>
      pulse(() => proveProduction(at(build), build, build.timing.startUpMs)),
    rollBackProduction: (step) => pulse(() => rollBack(at(step), step)),
  };
}
