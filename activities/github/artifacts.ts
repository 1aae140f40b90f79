import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import { parsed, split } from './ask.ts';
import type { Ask } from './ask.ts';
import { named } from '../../domain/messages/github-refusal.ts';

/** The zip file of an artifact. `why`: the reason, for people, why the artifact cannot be read. */
type Artifact = { zip: Buffer } | { why: string };

/**
 * Reads the newest artifact with the name `name` that GitHub Actions made for the commit `sha`.
 * `repository` is owner/name.
 */
export type Artifacts = {
  artifactOf(repository: string, sha: string, name: string): Promise<Artifact>;
};

const Run = z.object({ id: z.number(), status: z.string().nullable() });
const Stored = z.object({
  id: z.number(),
  name: z.string(),
  size_in_bytes: z.number(),
  expired: z.boolean(),
  created_at: z.string().nullable(),
});

const mostArtifactBytes = 20 * 1024 * 1024;
const needs = named('actions');

export function createArtifacts(octokit: Octokit, ask: Ask): Artifacts {
  const { actions } = octokit.rest;
  const storedOf = async (repository: string, sha: string, name: string, what: string) => {
    const at = split(repository);
    const runs = await octokit.paginate(actions.listWorkflowRunsForRepo, {
      ...{ ...at, head_sha: sha, per_page: 100 },
    });
    const found: unknown[] = [];
    // The requests run one after the other, because many parallel requests reach GitHub's secondary
    // limit.
    for (const { id } of parsed(z.array(Run), runs, what)) {
      const options = { ...at, run_id: id, name, per_page: 100 };
      found.push(...(await octokit.paginate(actions.listWorkflowRunArtifacts, options)));
    }
    return parsed(z.array(Stored), found, what).filter((one) => one.name === name);
  };
  return {
    async artifactOf(repository, sha, name) {
      const what = `the artifact ${name} of ${repository} at ${sha.slice(0, 7)}`;
      return ask({ what, repository, effect: false, needs }, async () => {
        const all = await storedOf(repository, sha, name, what);
        const [newest] = all.toSorted(byAge);
        if (!newest) return { why: 'GitHub Actions made no artifact of that name for this commit' };
        if (newest.expired) return { why: 'it has expired at GitHub' };
        if (newest.size_in_bytes > mostArtifactBytes)
          return { why: tooLarge(newest.size_in_bytes) };
        const call = { ...split(repository), artifact_id: newest.id, archive_format: 'zip' };
        const { data } = await actions.downloadArtifact(call);
        return { zip: Buffer.from(data as ArrayBuffer) };
      });
    },
  };
}

type Stored = z.infer<typeof Stored>;
const byAge = (a: Stored, b: Stored) =>
  (b.created_at ?? '').localeCompare(a.created_at ?? '') || b.id - a.id;

const tooLarge = (bytes: number) =>
  `it has ${Math.round(bytes / 1e6)} MB, but at most 20 MB are read`;
