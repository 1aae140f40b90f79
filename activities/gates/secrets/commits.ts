import type { Plan } from '../../../domain/plan.ts';
import type { Finding } from '../../../domain/policy/gates/allowances.ts';
import type { Git } from '../../git.ts';
import { scanTree } from '../scan.ts';
import { findSecrets } from './lint.ts';
import type { Lint } from './lint.ts';

type Deps = { git: Pick<Git, 'exportRange' | 'messages'>; lint?: Lint };
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
  const { repository } = plan.target;
  const span = { from: liveCommit(plan), to: plan.sha };
  const range = await git.exportRange(repository, span);
  try {
    const messages = await git.messages(repository, span.from, span.to);
    const said = await Promise.all(messages.map((message) => messageFindings(message, lint)));
    const { crashedRules, findings } = await scanTree(range.directory, lint);
    const brought = await Promise.all(findings.map((finding) => dateOf(range, finding, plan.sha)));
    return { commits: range.commits, crashedRules, findings: [...said.flat(), ...brought] };
  } finally {
    await range.dispose();
  }
}

type Message = Awaited<ReturnType<Git['messages']>>[number];

async function messageFindings({ sha, message }: Message, lint: Lint): Promise<Finding[]> {
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
