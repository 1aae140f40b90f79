import { transient } from '../../lib/fail.ts';
import type { At } from './move.ts';
import { nameOf } from './place.ts';

/** Turns off the setting that assigns production domains automatically, and checks the result. */
export async function autoAssignOff({ vercel, target }: Pick<At, 'vercel' | 'target'>) {
  const { project } = target;
  if (!(await vercel.project(project)).assignsDomains) return 'already';
  await vercel.setAutoAssign(project, false);
  if ((await vercel.project(project)).assignsDomains)
    throw transient(
      `${nameOf(target)} still assigns its domains automatically, although Plimsoll turned this off.`,
    );
  return 'done';
}
