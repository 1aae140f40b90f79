import type { VercelTarget } from '../../../domain/platforms/vercel/target.ts';
import type { Elsewhere, Submodule } from '../../git/elsewhere.ts';
import { withoutLfs, withoutSubmodules } from '../left-out.ts';
import type { Vercel } from './api/client.ts';
import { nameOf } from './place.ts';
import { see } from './snapshot.ts';

type Deps = { vercel: Vercel; isPublic: (url: string) => Promise<boolean> };

/**
 * Returns a problem for files that Vercel does not fetch. Vercel fetches a submodule only if
 * everybody may read its repository over https. If not, Vercel builds without the files of the
 * submodule: https://github.com/vercel/vercel/discussions/11368. Vercel fetches files of Git LFS
 * only if this is on in the project: https://vercel.com/docs/project-configuration/git-settings
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
