import { readdirSync, readFileSync, statSync } from 'node:fs';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mutants, realBundle } from './mutant.ts';
import type { Mutation } from './mutant.ts';
import { textsOf } from './neutral.ts';
import { replay } from './replay.ts';
import { scenes } from './scenes.ts';

type Event = {
  eventType: string;
  activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  workflowTaskCompletedEventAttributes?: { sdkMetadata?: { coreUsedFlags?: number[] } };
};
type Recorded = { events: Event[] };

const directory = new URL('./histories/', import.meta.url);
const names = readdirSync(directory)
  .map((file) => file.replace(/\.json$/, ''))
  .toSorted();
const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`${name}.json`, directory), 'utf8')) as Recorded;

const { bundle: mutantBundle, end } = mutants();
afterAll(end);

const refused = expect.any(DeterminismViolationError);

const activitiesOf = ({ events }: Recorded) =>
  events.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType ?? []);

test('every path of a deploy was recorded, its aftermath and the read-only workflows too', () => {
  const recorded = scenes.map(({ name }) => name);
  const after = ['failed-watch', 'failed-start', 'aborted-watch', 'cancelled'].concat([
    'awaiting-rollback-approval',
    'awaiting-rollback-approval-signed',
    'still-failing',
  ]);
  const aftermaths = after.map((name) => `aftermath-of-${name}`);
  expect(names).toEqual([...recorded, ...aftermaths, 'plan', 'history'].toSorted());
});

/** The history three times: its first, middle or last activity has another name. */
function renamedCopies(name: string): Recorded[] {
  const count = activitiesOf(read(name)).length;
  return [...new Set([0, Math.floor(count / 2), count - 1])].map((index) => {
    const history = read(name);
    activitiesOf(history)[index]!.name = 'somethingElse';
    return history;
  });
}

describe('this version', () => {
  const renamed = names.flatMap((name) => renamedCopies(name).map((copy) => ({ name, copy })));
  let errors: (Error | undefined)[];
  // Two workers replay all of them, because each new worker loads the bundle again. The copies of a
  // history have its run id, so a worker of their own replays the copies.
  beforeAll(async () => {
    const bundle = await realBundle();
    const ofCopies = renamed.map(({ copy }) => copy);
    errors = [...(await replay(bundle, names.map(read))), ...(await replay(bundle, ofCopies))];
  });

  test.each(names)('%s: replays what an earlier version did', (name) => {
    expect(errors).toHaveLength(names.length + renamed.length);
    expect(errors[names.indexOf(name)]).toBeUndefined();
  });

  test.each(names)('%s: refuses the same history with one activity renamed', (name) => {
    const ofCopies = errors.slice(names.length).filter((_, index) => renamed[index]?.name === name);
    expect(ofCopies.length).toBeGreaterThan(0);
    expect(ofCopies).toEqual(ofCopies.map(() => refused));
  });
});

/**
 * The SDK does not process the events after the last workflow task that completed. So a replay of
 * such a history proves less than it seems to.
 */
test.each(names)('%s: was recorded to its end', (name) => {
  const types = read(name).events.map(({ eventType }) => eventType);
  expect(types.at(-1)).toMatch(/^EVENT_TYPE_WORKFLOW_EXECUTION_(COMPLETED|CANCELED)$/);
});

// Without these flags, a replay does not notice a wrong activity type.
test.each(names)('%s: the server wrote down which flags the SDK used', (name) => {
  const completed = read(name).events.flatMap(
    (event) => event.workflowTaskCompletedEventAttributes ?? [],
  );
  expect(completed.length).toBeGreaterThan(0);
  expect(completed[0]?.sdkMetadata?.coreUsedFlags?.length).toBeGreaterThan(0);
});

test.each(names)('%s: small, and without a secret or the name of a machine', (name) => {
  expect(statSync(new URL(`${name}.json`, directory)).size).toBeLessThan(200 * 1024);
  const text = textsOf(read(name) as never).join('\n');
  expect(text).toContain('production');
  expect(text).not.toMatch(/gh[opsu]_\w{10}|xox[abp]-|PRIVATE KEY|Bearer |x-access-token/);
  const paths = text.match(/(?<![\w.:/])\/(home|root|tmp|work|Users|var|opt)\/[\w.-]+/g) ?? [];
  const known = ['/tmp/plimsoll-recording', '/opt/plimsoll', '/home/deploy'];
  expect(paths.filter((path) => !known.includes(path))).toEqual([]);
});

const reached = (activity: string) =>
  names.filter((name) => activitiesOf(read(name)).some((type) => type.name === activity));

const previousReleases: (Mutation & { what: string; refuses: () => string[] })[] = [
  {
    what: 'the gates are checked one after the other',
    file: 'workflows/preflight.ts',
    from: `const asked = await Promise.all(
    checksOf(plan, { hold }).map(({ gate, check, input }) =>
      failClosed(gate, checks[check](input)),
    ),
  );`,
    to: `const asked: GateReport[] = [];
  for (const { gate, check, input } of checksOf(plan, { hold }))
    asked.push(await failClosed(gate, checks[check](input)));`,
    refuses: () => reached('checkSecrets'),
  },
  {
    what: 'the gates are checked after the approval',
    file: 'workflows/deploy.ts',
    from: `  const gates = await preflight(rollout, planned);
  const sealed = await seal(rollout, planned, gates);
  const { plan } = sealed;
  const approvals = await awaitApproval(rollout, sealed);`,
    to: `  const sealed = await seal(rollout, planned, []);
  const { plan } = sealed;
  const approvals = await awaitApproval(rollout, sealed);
  await preflight(rollout, planned);`,
    refuses: () => reached('checkTests').filter((name) => name !== 'plan'),
  },
  {
    what: 'the approvals are not verified again before the first effect',
    file: 'workflows/deploy.ts',
    from: '  await reading.verifyApprovals({ sealed, signed: approvals });\n',
    to: '  void approvals;\n',
    refuses: () => reached('verifyApprovals'),
  },
  {
    what: 'what may be old by now is not asked again before production is touched',
    file: 'workflows/platforms/vps.ts',
    from: '  await recheckBeforeFirstEffect();\n',
    to: '  void recheckBeforeFirstEffect;\n',
    refuses: () => reached('switchRelease'),
  },
  {
    what: 'the buttons stay at Slack when the question ends',
    file: 'workflows/approval.ts',
    from: '    notes.answered(sealed, status, { open: false, why: end });\n',
    to: '    void end;\n',
    refuses: () => reached('showAnswers'),
  },
  {
    what: 'what does not count is shown at Slack as well',
    file: 'workflows/decisions.ts',
    from: `    if (ruling.verdict !== 'counted') continue;
    counted.push(signed as SignedDecision);
    question.heard?.(state);
`,
    to: `    question.heard?.(state);
    if (ruling.verdict !== 'counted') continue;
    counted.push(signed as SignedDecision);
`,
    refuses: () => reached('showAnswers'),
  },
  {
    what: 'the rollback is not proven',
    file: 'workflows/roll-back.ts',
    from: '    const failing = await proveRollback(rollout, plan);\n',
    to: '    const failing: string | null = null;\n    void proveRollback;\n',
    refuses: () => reached('inspectHosts'),
  },
  {
    what: 'people are paged twice about a rollback target that fails',
    file: 'workflows/aftermath.ts',
    from: "paged || cause.kind === 'terminated' ? null",
    to: "!paged || cause.kind === 'terminated' ? null",
    refuses: () => ['aftermath-of-still-failing'],
  },
  {
    what: 'nobody is called while going back waits for a signature',
    file: 'workflows/rollback-approval.ts',
    from: '    call();\n',
    to: '    void call;\n',
    refuses: () => ['awaiting-rollback-approval', 'awaiting-rollback-approval-signed'],
  },
  {
    what: 'what nobody signed goes back all the same',
    file: 'workflows/rollback-approval.ts',
    from: "state.kind === 'approved' ? 'unproven' : 'rollback-not-approved';",
    to: "state.kind === 'approved' ? 'unproven' : 'rollback';",
    refuses: () => ['awaiting-rollback-approval'],
  },
  {
    what: 'a late rollback records no intent',
    file: 'workflows/late-rollback.ts',
    from: 'judgeLive(plan, ordered), declareIntent(rollout, plan)',
    to: 'judgeLive(plan, ordered), void declareIntent',
    refuses: () => ['late-rollback', 'late-rollback-signed'],
  },
  {
    what: 'a late rollback across a migration asks nobody',
    file: 'workflows/late-rollback.ts',
    from: 'if (sealed.plan.forwardOnly === undefined) return sealed;',
    to: 'if (sealed) return sealed;',
    refuses: () => ['late-rollback-signed'],
  },
  {
    what: 'nothing is done after a success',
    file: 'workflows/settle.ts',
    from: "outcome === 'succeeded' ? afterSuccess(rollout) : null;",
    to: 'afterSuccess === null;',
    refuses: () => reached('closeIssues'),
  },
  {
    what: 'the aftermath diagnoses first',
    file: 'workflows/aftermath.ts',
    from: '  const effect = consequences(input);\n',
    to: '  const effect = consequences(input);\n  await diagnose(input);\n',
    refuses: () => reached('diagnose'),
  },
  {
    what: 'history reads the ledger twice',
    file: 'workflows/records/read.ts',
    from: '  return await reading.readLedger(query);',
    to: '  await reading.readLedger(query);\n  await reading.readLedger(query);\n  return [];',
    refuses: () => reached('readLedger'),
  },
];

test.each(previousReleases)(
  'a version in which $what is refused',
  async ({ refuses, ...mutation }) => {
    const mutant = await mutantBundle(mutation);
    const histories = refuses();
    expect(histories.length).toBeGreaterThan(0);
    expect(await replay(mutant, histories.map(read))).toEqual(histories.map(() => refused));
  },
);
