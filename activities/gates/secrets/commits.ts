import { setImmediate as breathe } from 'node:timers/promises';
import type { Plan } from '../../../domain/deploy/plan.ts';
import type { Finding } from '../../../domain/gates/allowances.ts';
import type { Git } from '../../git/git.ts';
import { scanTree } from '../scan.ts';
import { findSecrets } from './lint.ts';
import type { Lint } from './lint.ts';

type Deps = { git: Pick<Git, 'exportRange'>; lint?: Lint };
type Scanned = { commits: number; crashedRules: string[]; findings: Finding[] };

/**
 * Returns the commit after which the scan begins. This is the commit that is live on every host. If
 * the hosts differ, it is the last proven commit. The requester cannot choose this commit, because
 * a later start would hide commits from the scan.
 */
function liveCommit({ live, lastProven }: Plan): string | null {
  const shas = new Set(live.map(({ sha }) => sha));
  const [sha = null] = shas;
  return shas.size === 1 && sha !== null ? sha : (lastProven?.sha ?? null);
}

/**
 * Scans the messages of the commits that this deploy adds. Also scans content that one of these
 * commits added and a later commit removed.
 */
export async function scanCommits({ git, lint = findSecrets }: Deps, plan: Plan): Promise<Scanned> {
  const span = { from: liveCommit(plan), to: plan.sha };
  const range = await git.exportRange(plan.target.repository, span);
  const scanned: Scanned = { commits: range.commits, crashedRules: [], findings: [] };
  for (const message of range.messages) {
    scanned.findings.push(...(await messageFindings(message, lint)));
    await breathe();
  }
  await range.visitGone(async (directory) => {
    const { crashedRules, findings } = await scanTree(directory, lint);
    scanned.crashedRules.push(...crashedRules);
    for (const finding of findings) scanned.findings.push(await dateOf(range, finding, plan.sha));
  });
  return scanned;
}

async function messageFindings(
  { sha, message }: Range['messages'][number],
  lint: Lint,
): Promise<Finding[]> {
  const found = await lint(message, 'message');
  return found.map(({ line, rule, fingerprint }) => ({
    ...{ file: 'its message', line, rule, fingerprint },
    commit: sha,
  }));
}

type Range = Awaited<ReturnType<Git['exportRange']>>;

/**
 * Returns the finding with the commit that added the content. `finding.file` has the form
 * BLOB/PATH. In the result, `file` is only the PATH.
 */
async function dateOf({ broughtBy }: Range, finding: Finding, sha: string): Promise<Finding> {
  const blob = finding.file.slice(0, 40);
  const commit = (await broughtBy(blob)) ?? sha;
  return { ...finding, file: finding.file.slice(41), commit };
}
