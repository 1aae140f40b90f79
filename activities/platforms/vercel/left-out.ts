import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import type { Elsewhere, Submodule } from '../../git/elsewhere.ts';
import { withoutLfs, withoutSubmodules } from '../left-out.ts';
import type { Vercel } from './api/client.ts';
import { nameOf } from './place.ts';
import { see } from './snapshot.ts';

type Deps = { vercel: Vercel; isPublic: (url: string) => Promise<boolean> };

/**
 * Vercel fetches a submodule only if everybody may read its repository over https, and builds
 * without its files otherwise: https://github.com/vercel/vercel/discussions/11368. It fetches files
 * of Git LFS only if the project says so:
 * https://vercel.com/docs/project-configuration/git-settings
 */
export async function leavesOut(deps: Deps, target: VercelTarget, elsewhere: Elsewhere) {
  const { submodules, lfs } = elsewhere;
  const name = nameOf(target);
  const fetched = await Promise.all(submodules.map((one) => isFetched(deps, one)));
  const missing = submodules.filter((_, index) => !fetched[index]);
  const why = 'Vercel fetches only submodules that everybody may read over https';
  const without = withoutSubmodules(name, missing, why);
  if (lfs.length === 0) return without;
  const { project } = await see(deps.vercel, target);
  if (project.usesLfs) return without;
  const remedy = "Turn it on: Settings → Git → Git Large File Storage (LFS) in Vercel's dashboard.";
  return [...without, ...withoutLfs(name, lfs, { why: 'Git LFS is off at Vercel', remedy })];
}

const isFetched = async ({ isPublic }: Deps, { url }: Submodule) =>
  url !== null && url.startsWith('https://') && (await isPublic(url));
