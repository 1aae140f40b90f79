import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { beforeAll, expect, test } from 'vitest';
import * as workflows from '../../workflows/index.ts';
import { messages } from '../../domain/deploy/wire.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
let code = '';
let sources: string[] = [];

beforeAll(async () => {
  const bundle = await bundleWorkflowCode({
    workflowsPath: path('../../workflows/index.ts'),
    workflowInterceptorModules: [path('../../workflows/summaries.ts')],
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error },
  });
  code = bundle.code;
  const map = /sourceMappingURL=data:application\/json;charset=utf-8;base64,(\S+)/.exec(code)?.[1];
  sources = (JSON.parse(Buffer.from(map ?? '', 'base64').toString()) as { sources: string[] })
    .sources;
});

test('the bundle holds no activity, no zod and nothing of Node', () => {
  expect(sources.length).toBeGreaterThan(20);
  const foreign = sources.filter((it) => /\/activities\/|\/zod\/|node:|\/worker\//.test(it));
  expect(foreign.filter((it) => !it.includes('node_modules/@temporalio'))).toEqual([]);
  expect(sources.some((it) => it.endsWith('workflows/deploy.ts'))).toBe(true);
});

test('exactly these workflows are registered, under the names that clients use', () => {
  expect(Object.keys(workflows).toSorted()).toEqual([
    'adopt',
    'aftermath',
    'budget',
    'closeIncident',
    'deploy',
    'drift',
    'history',
    'lateRollback',
    'lift',
    'plan',
    'poll',
    'reconcile',
    'recover',
    'registry',
    'releases',
    'rollBackAgain',
    'stopLine',
    'verifyLedger',
    'waive',
  ]);
  const { adopt, deploy, plan, poll, history, registry, verifyLedger, reconcile, closeIncident } =
    messages;
  const named = [
    adopt,
    deploy,
    plan,
    poll,
    history,
    registry,
    verifyLedger,
    reconcile,
    closeIncident,
  ];
  expect(Object.keys(workflows)).toEqual(expect.arrayContaining(named));
});
