import type { Client } from '@temporalio/client';
import { deployId, messages } from '../../domain/deploy/wire.ts';
import type {
  AftermathReport,
  DeployReport,
  DeployStatus,
  Outcome,
  Phase,
} from '../../domain/deploy/plan.ts';
import type { Fleet, FleetProject } from '../fleet/fleet.ts';
import { plimsoll } from '../fleet/processes.ts';
import type { ScenarioDeploy, DeployChain } from './scenario.ts';
import { proveTruth } from './truth.ts';

export type DeployRun = Pick<ScenarioDeploy, 'project' | 'environment'> & {
  platform: string;
  expected: Outcome;
  outcome: Outcome;
  /** The kind of the cause that started the rollback. Null if there was no rollback. */
  cause: string | null;
  seconds: number;
  historyEvents: number;
  /**
   * Texts for the summary. `wanted` is the expected outcome and its cause. `got` is the real
   * outcome and its cause. `truth` names the release that is really served.
   */
  said: { wanted: string; got: string; truth: string };
};
type Demo = {
  fleet: Fleet;
  client: Client;
  address: string;
  narrate: (line: string) => void;
  /**
   * This function is called when the deploy is in its watch, and when the deploy has ended. It may
   * be called several times for one deploy.
   */
  onWatch?: (deploy: ScenarioDeploy) => void;
};
type RunDeploy = Demo & { deploy: ScenarioDeploy };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/**
 * Returns one text that contains the project and the environment. Spaces make the text as wide as
 * the longest name.
 */
export const nameOf = ({ project, environment }: Pick<ScenarioDeploy, 'project' | 'environment'>) =>
  `${project} ${environment}`.padEnd('personal-assistant production'.length);

/**
 * Runs all chains. Chains with several stages start first. The other chains start when the first
 * deploys of the long chains are in the watch. So this machine does not run too many deploys at
 * once.
 */
export async function runAll(chains: readonly DeployChain[], demo: Demo): Promise<DeployRun[]> {
  const long = chains.filter(({ length }) => length > 1);
  const waited = new Map(long.flatMap(([first = []]) => first.map((deploy) => [deploy, signal()])));
  const onWatch = (deploy: ScenarioDeploy) => waited.get(deploy)?.resolve();
  const begun = new Map(long.map((chain) => [chain, runChain(chain, { ...demo, onWatch })]));
  const inWatch = Promise.all([...waited.values()].map(({ promise }) => promise));
  await Promise.race([inWatch, Promise.all(begun.values())]);
  const deployRuns = chains.map((chain) => begun.get(chain) ?? runChain(chain, demo));
  return (await Promise.all(deployRuns)).flat();
}
const signal = () => Promise.withResolvers<void>();

/** Runs the stages one after the other. The deploys of one stage run at the same time. */
async function runChain(chain: DeployChain, demo: Demo): Promise<DeployRun[]> {
  const deployRuns: DeployRun[] = [];
  for (const stage of chain)
    deployRuns.push(...(await Promise.all(stage.map((deploy) => runDeploy({ ...demo, deploy })))));
  return deployRuns;
}

/**
 * Runs one deploy. casey requests the deploy, morgan approves or rejects the deploy, and robin
 * reports a problem. Each command runs the CLI in a separate process, as if a person typed it.
 */
async function runDeploy({
  deploy,
  fleet,
  client,
  address,
  narrate,
  onWatch,
}: RunDeploy): Promise<DeployRun> {
  const { project, environment, expected } = deploy;
  const say = (line: string) => narrate(`${nameOf(deploy)} ${line}`);
  const started = Date.now();
  const fleetProject = bringing(deploy, projectIn(fleet, project));
  const people = createPeople(deploy, {
    fleet,
    address,
    say,
    ref: deploy.brings ? fleetProject.newSha : 'main',
  });
  await people.request();
  const handle = client.workflow.getHandle(deployId(project, environment));
  const closed = handle.result() as Promise<DeployReport>;
  const stop = new AbortController();
  const status = () => handle.query<DeployStatus>(messages.status);
  const following = follow({ status, say, stop: stop.signal, inWatch: () => onWatch?.(deploy) });
  await people.act(status);
  const { outcome, platform } = await closed;
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  stop.abort();
  await following;
  onWatch?.(deploy);
  const { deployId: id, cause: why } = await status();
  if (outcome === 'rolled-back') await aftermath(client, id, say);
  const { historyLength: historyEvents } = await handle.describe();
  const truth = await proveTruth(fleet, { fleetProject, environment, outcome });
  const cause = why?.kind ?? null;
  const said = { wanted: words(expected, deploy.cause), got: words(outcome, cause), truth };
  const row = { project, environment, platform, expected, outcome, cause, seconds };
  return { ...row, historyEvents, said };
}

const words = (outcome: Outcome, cause?: string | null) =>
  cause ? `${outcome} (${cause})` : outcome;

/**
 * Returns the project with the commits of this deploy. `oldSha` is the commit that runs before the
 * deploy, and `newSha` is the commit to deploy.
 */
function bringing({ brings }: ScenarioDeploy, fleetProject: FleetProject): FleetProject {
  if (brings !== 'later') return fleetProject;
  return {
    ...fleetProject,
    oldSha: fleetProject.newSha,
    newSha: fleetProject.laterSha ?? fleetProject.newSha,
  };
}

function projectIn({ fleetProjects }: Fleet, project: string) {
  const fleetProject = fleetProjects.find(({ name }) => name === project);
  if (!fleetProject) throw new Error(`The demo has no project ${project}.`);
  return fleetProject;
}

type PeopleDeps = Pick<RunDeploy, 'fleet' | 'address'> & {
  say: (line: string) => void;
  ref: string;
};

function createPeople(deploy: ScenarioDeploy, { fleet, address, say, ref }: PeopleDeps) {
  const { project, environment, decision, flag, story } = deploy;
  const as = (name: keyof Fleet['keys']) => ['--as', name, '--key', fleet.keys[name]];
  const known = { PLIMSOLL_SEAL_PUBLIC: fleet.sealPublic };
  const cli = (...args: string[]) => succeed(plimsoll(address, args, known));
  return {
    request: () =>
      cli(
        ...['deploy', project, environment, '--ref', ref, '--detach', '--reason', story],
        ...as('casey'),
      ),
    async act(status: () => Promise<DeployStatus>) {
      if (decision) {
        await untilIn('approval', status);
        say(`morgan runs plimsoll ${decision}`);
        const read = decision === 'approve' ? ['--yes'] : [];
        await cli(decision, project, environment, ...as('morgan'), ...read);
      }
      if (flag === undefined) return;
      await untilIn('watch', status);
      say(`robin runs plimsoll flag ${project} "${flag}"`);
      await cli('flag', project, flag, '--as', 'robin');
    },
  };
}

async function succeed(running: ReturnType<typeof plimsoll>) {
  const { code, stderr } = await running;
  if (code !== 0) throw new Error(stderr);
}

type Follow = {
  status: () => Promise<unknown>;
  say: (line: string) => void;
  stop: AbortSignal;
  inWatch: () => void;
};

/**
 * Prints one line whenever the state of the deploy changes. When the deploy has ended, reads the
 * status one last time.
 */
async function follow({ status, say, stop, inWatch }: Follow) {
  let shown = '';
  for (;;) {
    const last = stop.aborted;
    const now = (await status().catch(() => null)) as DeployStatus | null;
    const line = now ? lineOf(now) : shown;
    if (line !== shown) say(line);
    shown = line;
    if (now?.phase === 'watch' || now?.outcome) inWatch();
    if (last) return;
    await pause(250);
  }
}

function lineOf({ phase, stuck, cause, outcome, waitingFor, gates }: DeployStatus): string {
  if (stuck) return `STUCK at ${stuck.step}: ${stuck.cause}`;
  if (outcome) return [outcome, ...closedGates(gates)].join('\n               ');
  if (phase === 'rollback' && cause) return `rolling back: ${cause.detail}`;
  return waitingFor ? `${phase}: waiting for ${waitingFor}` : phase;
}

const closedGates = (gates: DeployStatus['gates']) =>
  gates
    .filter((gate) => !gate.open)
    .flatMap(({ gate, reasons }) => reasons.map((why) => `${gate}: ${why}`));

async function untilIn(phase: Phase, status: () => Promise<DeployStatus>) {
  for (;;) {
    const now = await status().catch(() => null);
    if (now?.phase === phase) return;
    if (now?.outcome)
      throw new Error(`The deploy ended as ${now.outcome} before the phase ${phase}.`);
    await pause(250);
  }
}

async function aftermath(client: Client, id: string, say: (line: string) => void) {
  const handle = client.workflow.getHandle(`aftermath/${id}`);
  const after = (await handle.result()) as AftermathReport;
  say(`aftermath: ${after.incident ?? 'no incident'}; main: ${after.revertNote}`);
}
