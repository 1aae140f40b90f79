// Records the histories of real deploys. Every later version must be able to replay them.
// Run this script after you change the order of commands in workflows/, if no running deploy can
// reach the changed code. If you name scenes, the script records only these scenes:
//   node test/replay/record.ts [scene…]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { deployId, messages } from '../../domain/deploy/wire.ts';
import type { DeployReport, DeployStatus } from '../../domain/deploy/plan.ts';
import { startStack } from '../../sandbox/fleet/stack.ts';
import type { Stack } from '../../sandbox/fleet/stack.ts';
import { neutral } from './neutral.ts';
import { scenes, projectIn } from './scenes.ts';
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
    if (now?.outcome)
      throw new Error(`${scene.name} closed as ${now.outcome} before it reached ${wanted}`);
    await pause(250);
  }
}

async function succeed(running: ReturnType<Stack['as']>) {
  const { code, stderr } = await running;
  if (code !== 0) throw new Error(stderr);
}

async function give(stack: Stack, scene: Scene, { when, send }: Order) {
  await until(stack, scene, when);
  // Waits a second, so that an activity is running when the order arrives.
  await pause(1000);
  const handle = handleOf(stack, scene);
  if (send === 'reject') return await signBack(stack, scene);
  await (send === 'cancel' ? handle.cancel() : handle.signal(send));
}

/**
 * Rejects the live release. The option --sha names the commit, because nobody can type the commit
 * here.
 */
async function signBack(stack: Stack, { name }: Scene) {
  const { newSha = '', laterSha = null } =
    stack.fleet.fleetProjects.find((fleetProject) => fleetProject.name === name) ?? {};
  const sha = laterSha ?? newSha;
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

/** Deploys two releases, then rolls the second one back after its deploy has closed. */
async function playLate(stack: Stack, scene: Scene) {
  const { name, orders = [], expected } = scene;
  const known = stack.fleet.fleetProjects.find((fleetProject) => fleetProject.name === name);
  const handle = handleOf(stack, scene);
  for (const sha of [known?.newSha ?? '', known?.laterSha ?? '']) {
    await succeed(stack.as('casey', 'deploy', name, 'production', '--detach', '--ref', sha));
    await until(stack, scene, 'approval');
    await succeed(stack.as('morgan', 'approve', name, 'production'));
    const { rulings, sealed } = await handle.query<DeployStatus>(messages.status);
    if ((sealed?.plan.rule.required ?? 0) > rulings.length)
      await succeed(stack.as('robin', 'approve', name, 'production'));
    await handle.result();
  }
  const running = stack.as('casey', 'rollback', name, 'production', '--reason', name);
  if (orders.length > 0) await isLate(handle);
  for (const order of orders) await give(stack, scene, order);
  await succeed(running);
  const { outcome } = (await handle.result()) as DeployReport;
  if (outcome !== expected) throw new Error(`${name} ended as ${outcome}, not as ${expected}`);
  await save(stack, handle.workflowId, name);
}

/** Waits until the newest run of the place is a rollback. */
async function isLate(handle: ReturnType<typeof handleOf>) {
  while ((await handle.describe()).type !== messages.lateRollback) await pause(250);
}

async function play(stack: Stack, scene: Scene) {
  if (scene.late) return await playLate(stack, scene);
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
  if (outcome !== expected) throw new Error(`${name} ended as ${outcome}, not as ${expected}`);
  const { deployId: id } = await handle.query<DeployStatus>(messages.status);
  await save(stack, handle.workflowId, name);
  if (scene.fleetProject?.next || ['cancelled', 'aborted-watch'].includes(name)) {
    await stack.client.workflow.getHandle(`aftermath/${id}`).result();
    await save(stack, `aftermath/${id}`, `aftermath-of-${name}`);
  }
}

/**
 * Records the short workflows that only read. The workflow id of `plan` is not known, so `idOf`
 * finds this workflow by its type.
 */
async function readOnly(stack: Stack) {
  await succeed(stack.as('casey', 'plan', 'rejected', 'production'));
  const project = await stack.client.workflow.execute(messages.history, {
    workflowId: 'history',
    taskQueue: await queueOf(stack),
    args: [{ project: 'succeeded', environment: 'production', limit: 20 }],
  });
  if (!Array.isArray(project) || project.length === 0)
    throw new Error('the ledger has no entry of the project "succeeded"');
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

/**
 * Records one scene. If that fails, prints the reason. The script then records the other scenes and
 * ends with exit code 1.
 */
async function tryPlay(stack: Stack, scene: Scene) {
  try {
    await play(stack, scene);
  } catch (cause) {
    process.stderr.write(`NOT RECORDED ${scene.name}: ${(cause as Error).message}\n`);
    process.exitCode = 1;
  }
}

/**
 * Records the scenes with Slack buttons or the scenes without them. Each of the two groups has its
 * own stack, because the configurations of the two groups differ.
 */
async function record(wanted: string[], clicks: boolean) {
  const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);
  const own = scenes.filter((scene) => (scene.clicks ?? false) === clicks);
  const waiting = own.filter(({ name }) => isWanted(name));
  const short = !clicks && isWanted('read-only');
  if (waiting.length === 0 && !short) return;
  const place = join(directory, clicks ? 'clicks' : 'keys');
  const stack = await startStack({
    directory: place,
    // The short workflows read the projects of all scenes.
    fleetProjects: (short ? own : waiting).map(projectIn),
    timeScale,
    clicks,
  });
  try {
    const recorders = Array.from({ length: atOnce }, async () => {
      for (let scene = waiting.shift(); scene; scene = waiting.shift()) await tryPlay(stack, scene);
    });
    await Promise.all(recorders);
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
