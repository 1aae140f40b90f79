import type { GateReport, Plan } from '../../domain/plan.ts';
import { judgeSecrets } from '../../domain/policy/gates.ts';
import type { Git } from '../git.ts';
import { pulse } from '../git/pulse.ts';
import type { DriverOf } from '../platforms/driver.ts';
import { reportOf } from './report.ts';
import { scanTree, secretlint } from './scan.ts';
import type { Lint } from './scan.ts';

type Deps = { git: Pick<Git, 'exportTree'>; driverOf: DriverOf; lint?: Lint };

/** secretlint over every text file of the commit, and the names of the required variables on the platform. */
export const createSecretsGate =
  (deps: Deps) =>
  async ({ plan }: { plan: Plan }): Promise<GateReport> =>
    pulse(async () => {
      const names = await namesOn(deps, plan);
      const scan = await scanned(deps, plan);
      const required = plan.target.requiredVariables;
      return reportOf('secrets', judgeSecrets({ ...scan, ...names, required }));
    });

async function scanned({ git, lint = secretlint }: Deps, plan: Plan) {
  const tree = await git.exportTree(plan.target.repository, plan.sha);
  try {
    return await scanTree(tree.directory, lint);
  } finally {
    await tree.dispose();
  }
}

async function namesOn({ driverOf }: Deps, { target }: Plan) {
  if (target.requiredVariables.length === 0) return { hosts: [], sourceErrors: [] };
  return await driverOf(target).variables(target);
}
