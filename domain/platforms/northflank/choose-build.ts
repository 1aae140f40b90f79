type Build = { id: string; concluded: boolean; success: boolean };
type Before = {
  /** Ids of the commit's builds that existed before the deploy. */
  known: readonly string[];
  /** The commit is already live, so only a new build picks up changed settings. */
  again: boolean;
};

/**
 * Chooses a build for a deploy from the builds of the commit (newest first). The first choice is
 * the newest build that succeeded or is not finished. The second choice is the newest failed build
 * that is not in `known`, so that the deploy fails with this build. null: there is no such build.
 */
export function chooseBuild<B extends Build>(builds: readonly B[], { known, again }: Before) {
  const fresh = builds.filter(({ id }) => !known.includes(id));
  const usable = (again ? fresh : builds).find(({ concluded, success }) => success || !concluded);
  return usable ?? fresh[0] ?? null;
}
