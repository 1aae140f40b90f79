import type { Client } from '@temporalio/client';
import { deployId, messages } from '../../domain/messages.ts';
import type { AftermathReport, DeployReport, DeployStatus, Outcome } from '../../domain/plan.ts';
import type { Fleet } from '../fleet.ts';
import { plimsoll } from './processes.ts';
import type { Leg } from './scenario.ts';
import { proveTruth } from './truth.ts';

export type Voyage = {
  project: string;
  environment: string;
  platform: string;
  expected: Outcome;
  outcome: Outcome;
  seconds: number;
  historyEvents: number;
  note: string;
};
type Sail = {
  leg: Leg;
  fleet: Fleet;
  client: Client;
  address: string;
  tell: (line: string) => void;
};

const environment = 'production';
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One deploy as people do it: casey requests by the CLI, morgan decides by the CLI, each a process of its own. */
export async function sail({ leg, fleet, client, address, tell }: Sail): Promise<Voyage> {
  const { project } = leg;
  const say = (line: string) => tell(`${project.padEnd(8)} ${line}`);
  const started = Date.now();
  const as = (name: 'casey' | 'morgan') => ['--as', name, '--key', fleet.keys[name]];
  const request = ['deploy', project, environment, '--detach', '--reason', leg.story];
  await succeed(plimsoll(address, [...request, ...as('casey')]));
  const handle = client.workflow.getHandle(deployId(project, environment));
  const closed = handle.result() as Promise<DeployReport>;
  const stop = new AbortController();
  const following = follow({ status: () => handle.query(messages.status), say, stop: stop.signal });
  if (leg.decision) {
    await untilApproval(() => handle.query<DeployStatus>(messages.status));
    say(`morgan runs plimsoll ${leg.decision}`);
    await succeed(plimsoll(address, [leg.decision, project, environment, ...as('morgan')]));
  }
  const report = await closed;
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  stop.abort();
  await following;
  if (report.outcome === 'rolled-back') await aftermath(client, report, say);
  const { historyLength } = await handle.describe();
  const ship = fleet.ships.find(({ name }) => name === project);
  if (!ship) throw new Error(`the fleet has no ${project}`);
  const note = `  ${await proveTruth(ship, report.outcome, fleet)}`;
  const { outcome, platform } = report;
  const { expected } = leg;
  const row = { project, environment, platform, expected, outcome, seconds };
  return { ...row, historyEvents: historyLength, note };
}

async function succeed(running: ReturnType<typeof plimsoll>) {
  const { code, stderr } = await running;
  if (code !== 0) throw new Error(stderr);
}

type Follow = { status: () => Promise<unknown>; say: (line: string) => void; stop: AbortSignal };

/** A line per phase: what it waits for, or why it went back. */
async function follow({ status, say, stop }: Follow) {
  let told = '';
  while (!stop.aborted) {
    const now = (await status().catch(() => null)) as DeployStatus | null;
    const line = now ? lineOf(now) : told;
    if (line !== told) say(line);
    told = line;
    await pause(250);
  }
}

function lineOf({ phase, stuck, cause, outcome, waitingFor, gates }: DeployStatus): string {
  if (stuck) return `STUCK at ${stuck.step}: ${stuck.cause}`;
  if (outcome) return [outcome, ...closedGates(gates)].join('\n               ');
  if (phase === 'restore' && cause) return `going back: ${cause.detail}`;
  return waitingFor ? `${phase}: waiting for ${waitingFor}` : phase;
}

const closedGates = (gates: DeployStatus['gates']) =>
  gates
    .filter((gate) => !gate.open)
    .flatMap(({ gate, reasons }) => reasons.map((why) => `${gate}: ${why}`));

async function untilApproval(status: () => Promise<DeployStatus>) {
  for (;;) {
    const now = await status().catch(() => null);
    if (now?.phase === 'approval') return;
    if (now?.outcome) throw new Error(`closed as ${now.outcome} before anybody could decide`);
    await pause(250);
  }
}

async function aftermath(
  client: Client,
  { deployId: id }: DeployReport,
  say: (line: string) => void,
) {
  const handle = client.workflow.getHandle(`aftermath/${id}`);
  const after = (await handle.result()) as AftermathReport;
  say(`aftermath: ${after.incident ?? 'no incident'}; main: ${after.revertNote}`);
}
