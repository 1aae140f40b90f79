import { readOr } from '../../lib/read-or.ts';
import type { GateReport, Plan } from '../../../domain/deploy/plan.ts';
import { judgeSecrets } from '../../../domain/gates/secrets.ts';
import type { Config } from '../../../domain/config/config.ts';
import type { Git } from '../../git/git.ts';
import { withHeartbeat } from '../../lib/temporal-context.ts';
import type { DriverOf } from '../../platforms/driver.ts';
import { projectOf } from '../project-of.ts';
import { reportOf } from '../report.ts';
import { scanTree } from '../scan.ts';
import { scanCommits } from './commits.ts';
import { requiredNames } from './required.ts';
import { findSecrets } from './lint.ts';
import type { Lint } from './lint.ts';

type Deps = {
  config: Pick<Config, 'projects'>;
  git: Pick<Git, 'exportTree' | 'exportRange' | 'readFile'>;
  driverOf: DriverOf;
  lint?: Lint;
};

/**
 * Makes the secrets gate. The gate scans every file of the commit, and everything that the commits
 * of this deploy added. The gate also checks that the required variables are set on the platform.
 * For this check, it reads the names of the variables but not their values.
 */
export const createSecretsGate =
  (deps: Deps) =>
  async ({ plan }: { plan: Plan }): Promise<GateReport> =>
    withHeartbeat(async () => {
      const required = await requiredNames(deps.git, plan);
      const names = await namesOn(deps, plan, required.names);
      const allow = projectOf(deps.config, plan).secrets?.allow ?? [];
      const errors: string[] = [];
      const tree = await scanned(deps, plan);
      const nothing = { commits: 0, crashedRules: [], findings: [] };
      const shipped = await readOr(errors, () => scanCommits(deps, plan), nothing);
      const facts = {
        filesScanned: tree.filesScanned,
        commitsScanned: shipped.commits,
        crashedRules: [...tree.crashedRules, ...shipped.crashedRules],
        findings: [...tree.findings, ...shipped.findings],
        sourceErrors: [...errors, ...required.sourceErrors, ...names.sourceErrors],
        hosts: names.hosts,
        required: required.names,
        overlooked: required.overlooked,
      };
      return reportOf('secrets', judgeSecrets({ ...facts, allow, now: new Date().toISOString() }));
    });

async function scanned({ git, lint = findSecrets }: Deps, plan: Plan) {
  const tree = await git.exportTree(plan.target.repository, plan.sha);
  try {
    return await scanTree(tree.directory, lint);
  } finally {
    await tree.dispose();
  }
}

async function namesOn({ driverOf }: Deps, { target }: Plan, requiredVariables: string[]) {
  if (requiredVariables.length === 0) return { hosts: [], sourceErrors: [] };
  return await driverOf(target).variables({ ...target, requiredVariables });
}
