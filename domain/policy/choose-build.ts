type Build = { id: string; concluded: boolean; success: boolean };
type Before = {
  /** Builds of the commit that were there before the deploy. */
  known: readonly string[];
  /** The commit is live already: only a new build takes up what changed beside it. */
  again: boolean;
};

/**
 * Which of a commit's builds a deploy takes, newest first: one that succeeded or may yet. One that failed before is
 * no answer; one that failed since is.
 */
export function chooseBuild<B extends Build>(builds: readonly B[], { known, again }: Before) {
  const fresh = builds.filter(({ id }) => !known.includes(id));
  const usable = (again ? fresh : builds).find(({ concluded, success }) => success || !concluded);
  return usable ?? fresh[0] ?? null;
}
