import { setImmediate as breathe } from 'node:timers/promises';
import type { Plan } from '../../../domain/plan.ts';
import type { Finding } from '../../../domain/policy/gates/allowances.ts';
import type { Git } from '../../git.ts';
import { scanTree } from '../scan.ts';
import { findSecrets } from './lint.ts';
import type { Lint } from './lint.ts';

type Deps = { git: Pick<Git, 'exportRange'>; lint?: Lint };
type Scanned = { commits: number; crashedRules: string[]; findings: Finding[] };

/**
 * The one commit that is live everywhere; where that is not known, what was proven last. Never the requester's
 * choice: that one could hide commits.
 */
export function liveCommit({ live, lastProven }: Plan): string | null {
  const shas = new Set(live.map(({ sha }) => sha));
  const [sha = null] = shas;
  return shas.size === 1 && sha !== null ? sha : (lastProven?.sha ?? null);
}

/** What the commits being shipped brought and took away again, and what their messages say. */
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

/** `file` is BLOB/PATH. */
async function dateOf({ broughtBy }: Range, finding: Finding, sha: string): Promise<Finding> {
  const blob = finding.file.slice(0, 40);
  const commit = (await broughtBy(blob)) ?? sha;
  return { ...finding, file: finding.file.slice(41), commit };
}
