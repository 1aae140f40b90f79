import type { GateReport, Plan } from '../../domain/plan.ts';
import { judgeSecrets } from '../../domain/policy/gates.ts';
import type { SecretFacts } from '../../domain/policy/gates.ts';
import type { Git } from '../git.ts';
import { cancellation, pulse } from '../git/pulse.ts';
import type { OpenHost } from '../watch/on-host.ts';
import { reportOf } from './report.ts';
import { scanTree, secretlint } from './scan.ts';
import type { Lint } from './scan.ts';
import { missingNames } from './variable-names.ts';

type Deps = { git: Pick<Git, 'exportTree'>; openHost: OpenHost; lint?: Lint };

/** secretlint over every text file of the commit, and the names of the required variables on every host. */
export const createSecretsGate =
  (deps: Deps) =>
  async ({ plan }: { plan: Plan }): Promise<GateReport> =>
    pulse(async () => {
      const names = await namesOn(deps.openHost, plan);
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

type Names = Pick<SecretFacts, 'hosts' | 'sourceErrors'>;

async function namesOn(openHost: OpenHost, { target }: Plan): Promise<Names> {
  const { requiredVariables, environmentFile: file, hosts } = target;
  if (requiredVariables.length === 0) return { hosts: [], sourceErrors: [] };
  if (file === null) {
    const why =
      'the names of the required variables, because no file is named that holds them: ' +
      'set environmentFile in plimsoll.yaml';
    return { hosts: hosts.map(({ name }) => ({ host: name, missing: [] })), sourceErrors: [why] };
  }
  const asked = hosts.map(async (host) => ({
    host: host.name,
    missing: await missingNames(openHost, { target, host, file }, cancellation()),
  }));
  const answers = await Promise.all(asked);
  const unread = answers
    .filter(({ missing }) => missing === null)
    .map(({ host }) => `${file} on ${host}: it is not there, or its user may not read it`);
  return { hosts: answers.filter(({ missing }) => missing !== null), sourceErrors: unread };
}
