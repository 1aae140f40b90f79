/**
 * Returns the environment variables that make Plimsoll the author and the committer of a commit.
 * `date` is a date that git understands. With the same date, a retry makes the same commit again.
 */
export const plimsollIdentity = (date: string): Record<string, string> => ({
  GIT_AUTHOR_NAME: 'Plimsoll',
  GIT_AUTHOR_EMAIL: 'plimsoll@localhost',
  GIT_AUTHOR_DATE: date,
  GIT_COMMITTER_NAME: 'Plimsoll',
  GIT_COMMITTER_EMAIL: 'plimsoll@localhost',
  GIT_COMMITTER_DATE: date,
});
