// Records what a real server, worker and fleet did, as the fixtures that every later version must replay.
// Run it after a change of order in workflows/ that no running deploy can meet; names record only some:
//   node test/replay/record.ts [scene…]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { deployId, messages } from '../../domain/messages.ts';
import type { DeployReport, DeployStatus } from '../../domain/plan.ts';
import { startStack } from '../../sandbox/stack.ts';
import type { Stack } from '../../sandbox/stack.ts';
import { neutral } from './neutral.ts';
import { scenes, shipOf } from './scenes.ts';
import type { Order, Scene } from './scenes.ts';

const timeScale = 60;
const atOnce = 2;
const directory = mkdtempSync(join(tmpdir(), 'plimsoll-recording-'));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const handleOf = ({ client }: Stack, { name }: Scene) =>
  client.workflow.getHandle(deployId(name, 'production'));

async function save(stack: Stack, workflowId: string, name: string) {
  const history = await stack.client.workflow.getHandle(workflowId).fetchHistory();
  const text = JSON.stringify(neutral(JSON.parse(historyToJSON(history)), directory));
  writeFileSync(new URL(`./histories/${name}.json`, import.meta.url), `${text}\n`);
  const events = history.events?.length ?? 0;
  process.stderr.write(`${name}: ${events} events, ${Math.ceil(text.length / 1024)} KB\n`);
}

async function until(stack: Stack, scene: Scene, wanted: Order['when']) {
  for (;;) {
    const handle = handleOf(stack, scene);
    const now = await handle.query<DeployStatus>(messages.status).catch(() => null);
    if (wanted === 'stuck' ? now?.stuck : now?.phase === wanted) return;
    if (now?.outcome) throw new Error(`${scene.name} closed as ${now.outcome}: never ${wanted}`);
    await pause(250);
  }
}

async function succeed(running: ReturnType<Stack['as']>) {
  const { code, stderr } = await running;
  if (code !== 0) throw new Error(stderr);
}

async function give(stack: Stack, scene: Scene, { when, send }: Order) {
  await until(stack, scene, when);
  // A second later, so that the order meets an activity under way.
  await pause(1000);
  const handle = handleOf(stack, scene);
  if (send === 'reject') return await signBack(stack, scene);
  await (send === 'cancel' ? handle.cancel() : handle.signal(send));
}

/** Nobody types here: the release that goes is named. */
async function signBack(stack: Stack, { name }: Scene) {
  const sha = stack.fleet.ships.find((ship) => ship.name === name)?.newSha ?? '';
  await succeed(stack.as('morgan', 'reject', name, 'production', '--sha', sha));
}

async function clickTwice(stack: Stack, scene: Scene) {
  for (const count of [1, 2]) {
    const button = { user: 'U0MORGAN', button: 'Approve' } as const;
    while (!(await stack.fleet.sandbox.slack.click(button))) await pause(250);
    while ((await rulingsOf(stack, scene)) < count) await pause(250);
  }
}

async function rulingsOf(stack: Stack, scene: Scene) {
  const { rulings } = await handleOf(stack, scene).query<DeployStatus>(messages.status);
  return rulings.length;
}

async function play(stack: Stack, scene: Scene) {
  const { name, decision, second, orders = [], fault, expected } = scene;
  if (fault) stack.fleet.sandbox.board.arm({ service: 'vps', kind: '500-before', ...fault });
  await succeed(stack.as('casey', 'deploy', name, 'production', '--detach', '--reason', name));
  const handle = handleOf(stack, scene);
  const closed = (handle.result() as Promise<DeployReport>).then(
    ({ outcome }) => outcome as string,
    () => 'cancelled',
  );
  if (decision) {
    await until(stack, scene, 'approval');
    if (scene.clicks) await clickTwice(stack, scene);
    else await succeed(stack.as('morgan', decision, name, 'production'));
    if (second) await succeed(stack.as(second, decision, name, 'production'));
  }
  for (const order of orders) await give(stack, scene, order);
  const outcome = await closed;
  if (outcome !== expected) throw new Error(`${name} ended ${outcome}, not ${expected}`);
  const { deployId: id } = await handle.query<DeployStatus>(messages.status);
  await save(stack, handle.workflowId, name);
  if (scene.ship?.next || ['cancelled', 'aborted-watch'].includes(name)) {
    await stack.client.workflow.getHandle(`aftermath/${id}`).result();
    await save(stack, `aftermath/${id}`, `aftermath-of-${name}`);
  }
}

/** The short workflows have ids of their own making: found by their type. */
async function readOnly(stack: Stack) {
  await succeed(stack.as('casey', 'plan', 'rejected', 'production'));
  const project = await stack.client.workflow.execute(messages.history, {
    workflowId: 'history',
    taskQueue: await queueOf(stack),
    args: [{ project: 'succeeded', environment: 'production', limit: 20 }],
  });
  if (!Array.isArray(project) || project.length === 0) throw new Error('the ledger is empty');
  await save(stack, 'history', 'history');
  await save(stack, await idOf(stack, messages.plan), 'plan');
}

async function queueOf({ client }: Stack) {
  return (await client.workflow.getHandle(messages.registryId).describe()).taskQueue;
}

async function idOf({ client }: Stack, type: string): Promise<string> {
  for (;;) {
    for await (const { workflowId } of client.workflow.list({ query: `WorkflowType="${type}"` }))
      return workflowId;
    await pause(250);
  }
}

/** What failed is told at once and at the end; the other scenes are recorded all the same. */
async function tryPlay(stack: Stack, scene: Scene) {
  try {
    await play(stack, scene);
  } catch (cause) {
    process.stderr.write(`NOT RECORDED ${scene.name}: ${(cause as Error).message}\n`);
    process.exitCode = 1;
  }
}

/** With buttons or without: whether Slack has them is said once for a whole configuration. */
async function record(wanted: string[], clicks: boolean) {
  const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);
  const own = scenes.filter((scene) => (scene.clicks ?? false) === clicks);
  const waiting = own.filter(({ name }) => isWanted(name));
  const short = !clicks && isWanted('read-only');
  if (waiting.length === 0 && !short) return;
  const place = join(directory, clicks ? 'clicks' : 'keys');
  const stack = await startStack({ directory: place, ships: own.map(shipOf), timeScale, clicks });
  try {
    const crew = Array.from({ length: atOnce }, async () => {
      for (let scene = waiting.shift(); scene; scene = waiting.shift()) await tryPlay(stack, scene);
    });
    await Promise.all(crew);
    if (short) await readOnly(stack);
  } finally {
    await stack.close();
  }
}

try {
  for (const clicks of [false, true]) await record(process.argv.slice(2), clicks);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
