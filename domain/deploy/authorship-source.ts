/**
 * The source that says who wrote a commit. 'github': GitHub's API. 'signature': the signatures of
 * the commits. 'git': the names in the commits, which every author can choose freely.
 */
export const authorshipSources = ['github', 'signature', 'git'] as const;
export type AuthorshipSource = (typeof authorshipSources)[number];
