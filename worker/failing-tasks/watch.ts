import { readMemo } from '../../activities/lib/memo.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { Ledger } from '../../activities/ledger/types.ts';
import type { Config } from '../../domain/config/config.ts';
import type { Page } from '../../domain/contract/activities.ts';
import { doesNotContinue } from '../../domain/deploy/failing-tasks.ts';
import type { FailingTasks } from '../../domain/deploy/failing-tasks.ts';
import { deployId, planMemoKey, searchAttributes } from '../../domain/deploy/wire.ts';
import type { Place } from '../../domain/deploy/snapshot.ts';
import { failingDeployPage, failingWorkflowPage } from '../../domain/messages/failing-tasks.ts';
import { deliverPage } from '../deliver-page.ts';
import type { PageDeps } from '../deliver-page.ts';
import { readFailingTasks } from './read.ts';

type Deps = PageDeps & {
  client: Client;
  taskQueue: string;
  config: Pick<Config, 'projects' | 'slack'>;
  ledger: Pick<Ledger, 'append' | 'find'>;
};

const everyMs = 60_000;
const callMs = 20_000;
/** The largest number of workflows, besides the deploys, that one round reads. */
const mostOthers = 200;

/**
 * Every minute, finds the workflows of this queue that cannot continue, and pages people. Every
 * worker of the queue does this. The search starts no workflow, because the fault may be in the
 * workflow code itself. The ledger records each page, so each page is sent only once. The function
 * ends after `signal` aborts. It never rejects.
 */
export async function watchFailingTasks(deps: Deps, signal: AbortSignal): Promise<void> {
  const round = createRound(deps);
  let lastFailure = '';
  while (!signal.aborted) {
    const failure = await round(new Date()).then(
      () => '',
      (cause: Error) => cause.message,
    );
    if (failure !== '' && failure !== lastFailure && !signal.aborted)
      deps.warn(`The search for deploys that cannot continue failed: ${failure}`);
    lastFailure = failure;
    await delay(everyMs, undefined, { signal, ref: false }).catch(() => {});
  }
}

/**
 * Returns a function that makes one round. A workflow that cannot be read does not stop the round.
 * After the round, the function rejects with the first failure.
 */
export function createRound(deps: Deps) {
  const sent = new Set<string>();
  return async (now: Date): Promise<void> => {
    const unread: unknown[] = [];
    for (const workflowId of await workflowIds(deps)) {
      try {
        const page = await within(deps.client, () => pageFor(deps, workflowId, now));
        if (page) await sendOnce(deps, sent, page);
      } catch (cause) {
        unread.push(cause);
      }
    }
    if (unread.length > 0) throw unread[0];
  };
}

const within = <T>(client: Client, call: () => Promise<T>) =>
  client.withDeadline(Date.now() + callMs, call);

/**
 * Returns the ids of the deploys of every place, and the ids of other workflows that the server
 * lists. The server's list may be late or unavailable. So the ids of the deploys come from the
 * configuration.
 */
async function workflowIds({ client, taskQueue, config }: Deps): Promise<Set<string>> {
  const ids = new Set(
    Object.entries(config.projects).flatMap(([project, { environments }]) =>
      Object.keys(environments).map((environment) => deployId(project, environment)),
    ),
  );
  const query = `TaskQueue = "${taskQueue}" AND ExecutionStatus = "Running"`;
  const most = ids.size + mostOthers;
  await within(client, async () => {
    for await (const { workflowId } of client.workflow.list({ query, pageSize: mostOthers }))
      if (ids.add(workflowId).size >= most) return;
  }).catch(() => {});
  return ids;
}

async function pageFor({ client }: Deps, workflowId: string, now: Date): Promise<Page | null> {
  const described = await describe(client, workflowId);
  if (described?.status.name !== 'RUNNING') return null;
  const failing = await readFailingTasks(client, described);
  if (!failing || !doesNotContinue(failing, now)) return null;
  return pageOf(described, failing, now);
}

async function describe(client: Client, workflowId: string) {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (cause) {
    if (cause instanceof WorkflowNotFoundError) return null;
    throw cause;
  }
}

function pageOf(described: WorkflowExecutionDescription, failing: FailingTasks, now: Date): Page {
  const { workflowId, runId, type, memo } = described;
  const place = placeOf(workflowId);
  if (!place) return failingWorkflowPage({ workflowId, type, runId, failing }, now);
  const sealed = readMemo(memo?.[planMemoKey]);
  const attributes = described.searchAttributes as Record<string, unknown[] | undefined>;
  const phase = attributes[searchAttributes.phase]?.[0];
  const known = { place, sealed, phase: typeof phase === 'string' ? phase : null };
  return failingDeployPage({ ...known, runId, failing }, now);
}

/**
 * Returns the place that the id of a deploy or of its recovery contains. Returns null for any other
 * id.
 */
function placeOf(workflowId: string): Place | null {
  const [kind, project = '', environment = '', ...more] = workflowId.split('/');
  const isDeploy = more.length === 0 && workflowId === deployId(project, environment);
  return kind && isDeploy ? { project, environment } : null;
}

/**
 * Sends the page over every configured channel, and records it. If no channel accepts the page, the
 * next round sends it again. If the ledger does not answer, this process remembers the sent pages.
 */
async function sendOnce(deps: Deps, sent: Set<string>, page: Page) {
  const { ledger, warn } = deps;
  const key = `${page.deploy.deployId}/${page.step}`;
  if (sent.has(key) || (await ledger.find(key).catch(() => null))) return;
  warn(`${page.title}.\n${page.text}`);
  if (!(await deliverPage(deps, page))) return;
  sent.add(key);
  const { deploy, title, text } = page;
  const { deployId: id, project, environment } = deploy;
  const place = project === '' ? { project: null, environment: null } : { project, environment };
  const entry = { kind: 'paged' as const, key, deployId: id, ...place, body: { title, text } };
  await ledger.append(entry).catch(({ message }: Error) => warn(`Not recorded: ${message}`));
}
