import type { Client } from '@temporalio/client';
import { deployId, messages } from '../../domain/messages.ts';
import type {
  AftermathReport,
  DeployReport,
  DeployStatus,
  Outcome,
  Phase,
} from '../../domain/plan.ts';
import type { Fleet, Ship } from '../fleet.ts';
import { plimsoll } from './processes.ts';
import type { Leg, Route } from './scenario.ts';
import { proveTruth } from './truth.ts';

export type Voyage = Pick<Leg, 'project' | 'environment'> & {
  platform: string;
  expected: Outcome;
  outcome: Outcome;
  /** Why it was taken back. */
  cause: string | null;
  seconds: number;
  historyEvents: number;
  /** Outcome and cause in words, as the scenario wants them and as they are; and what is really served. */
  said: { wanted: string; got: string; truth: string };
};
type Sea = {
  fleet: Fleet;
  client: Client;
  address: string;
  tell: (line: string) => void;
  /** Once it is watched, or closed. */
  onAfloat?: (leg: Leg) => void;
};
type Sail = Sea & { leg: Leg };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** As wide as the longest of them. */
export const nameOf = ({ project, environment }: Pick<Leg, 'project' | 'environment'>) =>
  `${project} ${environment}`.padEnd('personal-assistant production'.length);

/** Those with the longest way first; the others once these are watched, so that nobody waits for the machine. */
export async function sailAll(routes: readonly Route[], sea: Sea): Promise<Voyage[]> {
  const long = routes.filter(({ length }) => length > 1);
  const waited = new Map(long.flatMap(([first = []]) => first.map((leg) => [leg, signal()])));
  const onAfloat = (leg: Leg) => waited.get(leg)?.resolve();
  const begun = new Map(long.map((route) => [route, sailRoute(route, { ...sea, onAfloat })]));
  const afloat = Promise.all([...waited.values()].map(({ promise }) => promise));
  await Promise.race([afloat, Promise.all(begun.values())]);
  const voyages = routes.map((route) => begun.get(route) ?? sailRoute(route, sea));
  return (await Promise.all(voyages)).flat();
}
const signal = () => Promise.withResolvers<void>();

/** Stage after stage; the legs of one at the same time. */
export async function sailRoute(route: Route, sea: Sea): Promise<Voyage[]> {
  const voyages: Voyage[] = [];
  for (const stage of route)
    voyages.push(...(await Promise.all(stage.map((leg) => sail({ ...sea, leg })))));
  return voyages;
}

/** One deploy as people do it: casey requests, morgan decides, robin reports, each by the CLI as a process of its own. */
async function sail({ leg, fleet, client, address, tell, onAfloat }: Sail): Promise<Voyage> {
  const { project, environment, expected } = leg;
  const say = (line: string) => tell(`${nameOf(leg)} ${line}`);
  const started = Date.now();
  const ship = bringing(leg, shipOf(fleet, project));
  const crew = createCrew(leg, { fleet, address, say, ref: leg.brings ? ship.newSha : 'main' });
  await crew.request();
  const handle = client.workflow.getHandle(deployId(project, environment));
  const closed = handle.result() as Promise<DeployReport>;
  const stop = new AbortController();
  const status = () => handle.query<DeployStatus>(messages.status);
  const following = follow({ status, say, stop: stop.signal, afloat: () => onAfloat?.(leg) });
  await crew.act(status);
  const { outcome, platform } = await closed;
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  stop.abort();
  await following;
  onAfloat?.(leg);
  const { deployId: id, cause: why } = await status();
  if (outcome === 'rolled-back') await aftermath(client, id, say);
  const { historyLength: historyEvents } = await handle.describe();
  const truth = await proveTruth(fleet, { ship, environment, outcome });
  const cause = why?.kind ?? null;
  const said = { wanted: words(expected, leg.cause), got: words(outcome, cause), truth };
  const row = { project, environment, platform, expected, outcome, cause, seconds };
  return { ...row, historyEvents, said };
}

const words = (outcome: Outcome, cause?: string | null) =>
  cause ? `${outcome} (${cause})` : outcome;

/** What this leg goes from, and what it brings. */
function bringing({ brings }: Leg, ship: Ship): Ship {
  if (brings !== 'later') return ship;
  return { ...ship, oldSha: ship.newSha, newSha: ship.laterSha ?? ship.newSha };
}

function shipOf({ ships }: Fleet, project: string) {
  const ship = ships.find(({ name }) => name === project);
  if (!ship) throw new Error(`the fleet has no ${project}`);
  return ship;
}

type Deck = Pick<Sail, 'fleet' | 'address'> & { say: (line: string) => void; ref: string };

function createCrew(leg: Leg, { fleet, address, say, ref }: Deck) {
  const { project, environment, decision, flag, story } = leg;
  const as = (name: keyof Fleet['keys']) => ['--as', name, '--key', fleet.keys[name]];
  const cli = (...args: string[]) => succeed(plimsoll(address, args));
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
        await cli(decision, project, environment, ...as('morgan'));
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
  afloat: () => void;
};

/** A line per phase: what it waits for, or why it went back. The last look is after the end. */
async function follow({ status, say, stop, afloat }: Follow) {
  let told = '';
  for (;;) {
    const last = stop.aborted;
    const now = (await status().catch(() => null)) as DeployStatus | null;
    const line = now ? lineOf(now) : told;
    if (line !== told) say(line);
    told = line;
    if (now?.phase === 'watch' || now?.outcome) afloat();
    if (last) return;
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

async function untilIn(phase: Phase, status: () => Promise<DeployStatus>) {
  for (;;) {
    const now = await status().catch(() => null);
    if (now?.phase === phase) return;
    if (now?.outcome) throw new Error(`closed as ${now.outcome}, it was never in ${phase}`);
    await pause(250);
  }
}

async function aftermath(client: Client, id: string, say: (line: string) => void) {
  const handle = client.workflow.getHandle(`aftermath/${id}`);
  const after = (await handle.result()) as AftermathReport;
  say(`aftermath: ${after.incident ?? 'no incident'}; main: ${after.revertNote}`);
}
