import type { GateReport, Plan } from '../../domain/plan.ts';
import { judgeSecrets } from '../../domain/policy/gates.ts';
import type { Config } from '../../domain/schema.ts';
import type { Git } from '../git.ts';
import { pulse } from '../git/pulse.ts';
import type { DriverOf } from '../platforms/driver.ts';
import { projectOf } from './project-of.ts';
import { readOr, reportOf } from './report.ts';
import { scanTree } from './scan.ts';
import { scanCommits } from './secrets/commits.ts';
import { requiredNames } from './secrets/required.ts';
import { findSecrets } from './secrets/lint.ts';
import type { Lint } from './secrets/lint.ts';

type Deps = {
  config: Pick<Config, 'projects'>;
  git: Pick<Git, 'exportTree' | 'exportRange' | 'readFile'>;
  driverOf: DriverOf;
  lint?: Lint;
};

/**
 * Every file of the commit, everything that the commits being shipped brought, and the names of the
 * required variables on the platform.
 */
export const createSecretsGate =
  (deps: Deps) =>
  async ({ plan }: { plan: Plan }): Promise<GateReport> =>
    pulse(async () => {
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
