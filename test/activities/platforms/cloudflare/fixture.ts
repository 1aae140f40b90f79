import { ApplicationFailure } from '@temporalio/common';
import { createClient } from '../../../../activities/platforms/cloudflare/api/client.ts';
import type { Source, Worker } from '../../../../activities/platforms/cloudflare/api/access.ts';
import type { FileTree } from '../../../../sandbox/samples/samples.ts';
import {
  cloudflareFixture,
  token,
} from '../../../sandbox/platforms/cloudflare/cloudflare-fixture.ts';
import { hostAndGit } from '../../git/host.ts';
import { builder } from '../../../support/builder.ts';

export const name = 'personal-assistant';

/**
 * Starts a git host with one commit per tree, and the Cloudflare stand-in. Returns both, and the
 * inputs of the functions under test.
 */
export async function startWorkshop(
  trees: FileTree[],
  options: Parameters<typeof cloudflareFixture>[0] = {},
) {
  const at = await hostAndGit();
  const fixture = await cloudflareFixture(options);
  const { cloudflare, board } = fixture;
  const commits = trees.map((files, n) => ({ files, message: `Commit ${n}` }));
  const shas = await at.host.createRepository('acme/workers', commits);
  const access = {
    api: cloudflare.api,
    account: cloudflare.account,
    token,
    variable: 'CLOUDFLARE_API_TOKEN',
  };
  const worker: Worker = { access, name };
  const source = (n: number, directory = `workers/${name}`): Source => ({
    repository: at.host.url('acme/workers'),
    sha: shas[n] ?? '',
    directory,
    environment: null,
  });
  return {
    ...fixture,
    git: at.git,
    worker,
    source,
    shas,
    key: (n: number) => ({ tag: (shas[n] ?? '').slice(0, 12), message: `deploy-${n}` }),
    deps: { git: at.git, workspace: at.workspace, builder },
    client: createClient(worker),
    truth: () => cloudflare.truth().find((one) => one.worker === name),
    effects: () => board.effects.map(({ operation }) => operation),
    arm: (match: string, kind: Parameters<typeof board.arm>[0]['kind'], times = 1) =>
      board.arm({ service: 'cloudflare', match, kind, times }),
    close: async () => {
      await fixture.close();
      await at.close();
    },
  };
}
export type Workshop = Awaited<ReturnType<typeof startWorkshop>>;

/**
 * Returns the ApplicationFailure of a failed call. Throws if the call succeeds or fails with
 * another error.
 */
export async function failureOf(call: Promise<unknown>): Promise<ApplicationFailure> {
  const cause = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (cause instanceof ApplicationFailure) return cause;
  throw new Error(`the call did not fail with an ApplicationFailure: ${String(cause)}`);
}
