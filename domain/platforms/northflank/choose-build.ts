type Build = { id: string; concluded: boolean; success: boolean };
type Before = {
  /** Ids of the commit's builds that existed before the deploy. */
  known: readonly string[];
  /** true: the commit is already live, so only a new build contains the changed settings. */
  again: boolean;
};

/**
 * Chooses a build from the builds of the commit (newest first). The first choice is the newest
 * build that has succeeded or not finished. The second choice is the newest failed build that is
 * not in `known`. With a failed build, the deploy fails and shows the log of this build. null:
 * there is no such build.
 */
export function chooseBuild<B extends Build>(builds: readonly B[], { known, again }: Before) {
  const fresh = builds.filter(({ id }) => !known.includes(id));
  const usable = (again ? fresh : builds).find(({ concluded, success }) => success || !concluded);
  return usable ?? fresh[0] ?? null;
}
