import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, expect, test } from 'vitest';
import { mutants } from './mutant.ts';
import type { Mutation } from './mutant.ts';
import { reached, read } from './recorded.ts';
import { replay } from './replay.ts';

export const refused: unknown = expect.any(DeterminismViolationError);

/**
 * A version of Plimsoll in which one file was different. `refuses`: the histories that this version
 * must not replay. `always`: `npm test` bundles this version too. The nightly lane bundles the
 * others, because each bundle takes more than a second of CPU time.
 */
type PreviousRelease = Mutation & { what: string; always?: true; refuses: () => string[] };

export const previousReleases: readonly PreviousRelease[] = [
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
    always: true,
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
    always: true,
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
    always: true,
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
    always: true,
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
    always: true,
    file: 'workflows/records/read.ts',
    from: '  return await reading.readLedger(query);',
    to: '  await reading.readLedger(query);\n  await reading.readLedger(query);\n  return [];',
    refuses: () => reached('readLedger'),
  },
];

/** Defines a test for each version: it refuses to replay its histories. */
export function refusedReleases(releases: readonly PreviousRelease[]) {
  const { bundle, end } = mutants();
  afterAll(end);
  test.each(releases)(
    'a version in which $what is refused',
    async ({ what: _what, always: _always, refuses, ...mutation }) => {
      const mutant = await bundle(mutation);
      const histories = refuses();
      expect(histories.length).toBeGreaterThan(0);
      expect(await replay(mutant, histories.map(read))).toEqual(histories.map(() => refused));
    },
  );
}
