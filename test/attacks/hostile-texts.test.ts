import { describe, expect, test } from 'vitest';
import { safeToShow } from '../../activities/plan/assemble.ts';
import { createPager } from '../../activities/page/page.ts';
import { createIo } from '../../client/io.ts';
import type { DeployStatus, Plan, SealedPlan } from '../../domain/deploy/plan.ts';
import type { DeploySnapshot } from '../../domain/deploy/snapshot.ts';
import { aftermathNote } from '../../domain/messages/aftermath.ts';
import { driftDetails } from '../../domain/messages/drift.ts';
import { deploymentState } from '../../domain/messages/github-deployment.ts';
import { revertPull } from '../../domain/messages/github-pull.ts';
import { createPaint } from '../../domain/messages/parts/paint.ts';
import {
  questionPage,
  revertPage,
  rollbackApprovalPage,
  stuckPage,
} from '../../domain/messages/page.ts';
import { renderPlan } from '../../domain/messages/plan.ts';
import { postMortem } from '../../domain/messages/post-mortem.ts';
import { planSummary, requestDetails, requestSummary } from '../../domain/messages/request.ts';
import {
  plainLine,
  renderAftermath,
  renderDeploy,
  renderReport,
} from '../../domain/messages/screen.ts';
import { answerWords } from '../../domain/messages/slack-answer.ts';
import { plainWords } from '../../domain/messages/slack-blocks.ts';
import {
  finalNote,
  parentNote,
  questionNote,
  rollbackApprovalNote,
  silentNote,
  stuckNote,
} from '../../domain/messages/slack-notes.ts';
import { requestWords } from '../../domain/messages/slack-request.ts';
import { describe as describeStatus } from '../../domain/messages/status.ts';
import { replacedNote } from '../../domain/messages/supersede.ts';
import { joinedText, refusedText, replacedText } from '../../domain/messages/supersede-screen.ts';
import { readFlag } from '../../domain/incident/flag.ts';
import { Board } from '../../sandbox/board.ts';
import { startPager } from '../../sandbox/pager/pager.ts';
import { newSha, oldSha, wholePlan } from '../support/plan.ts';

/** Every trick at once. A screen on which a line begins with FORGED was forged. */
const hostile =
  'Fix\nFORGED a\r\nFORGED b\rFORGED c\u2028FORGED d\u2029FORGED e\u0085FORGED\u000bf\u000cg' +
  '\u001b[2J\u001b[1A\u009b\u202Eh\u2066i\u200Ej\u061Ck\u200Bl\u00ADm\u180En\u{E0041}o\uFE0Fp\u2060q' +
  '\u3164r\ufeffs [link](http://evil.example) ![x](http://evil.example/i.png) <b>t</b>';
const at = '2026-01-01T00:00:00.000Z';
const paint = createPaint(false);
const now = new Date('2026-01-01T00:30:00.000Z');

const gates = [
  { gate: 'tests', open: true, reasons: [hostile, hostile], loud: 1, checkedAt: at },
] as const;
const raw: Plan = {
  ...wholePlan,
  ...{
    ref: hostile,
    requestedBy: hostile,
    reason: hostile,
    noReturn: hostile,
    forwardOnly: hostile,
  },
  commits: [
    { sha: newSha, title: hostile, emails: [hostile] },
    {
      sha: oldSha,
      title: hostile,
      emails: [hostile],
      pull: { number: 7, title: hostile, author: hostile },
    },
  ],
  ...{ warnings: [hostile], power: [hostile], steps: [hostile], rollbackSteps: [hostile] },
  dependencies: [{ url: 'https://pay.example', ok: false, detail: hostile }],
  recall: { lastOutcome: hostile, lastSha: null, openIncidents: [hostile] },
  rule: { ...wholePlan.rule, reasons: [hostile], eligible: [hostile] },
  stopped: { key: 'stop/1', by: hostile, reason: hostile, at },
};
const sealedOf = (plan: Plan): SealedPlan => ({
  plan,
  gates: structuredClone([...gates]) as never,
  digest: 'd'.repeat(64),
});
const memo = sealedOf(raw);
/** The plan that a worker makes of these texts. */
const planned = safeToShow(raw);
const cause = { kind: 'watch', blames: 'release', detail: hostile } as const;
const statusOf = (sealed: SealedPlan, more: Partial<DeployStatus> = {}): DeployStatus => ({
  ...{
    deployId: 'd-1',
    project: 'gateway',
    environment: 'production',
    phase: 'decision',
    since: at,
  },
  ...{ liveNow: '', waitingFor: '', doThis: '', sealed, gates: sealed.gates, smoke: null },
  rulings: [
    {
      verdict: 'void',
      decision: 'approve',
      approver: hostile,
      why: hostile,
      nonce: '',
      at,
      touch: false,
    },
  ],
  watch: { verdict: 'inconclusive', sources: [], samples: 1, reasons: [hostile] },
  flags: [readFlag({ text: hostile, who: hostile }, at)],
  requests: [{ requestedBy: hostile, sha: newSha, verdict: 'refused', why: hostile, at } as never],
  ...{ stuck: { step: hostile, cause: hostile, since: at }, cause, outcome: null },
  ...more,
});
const status = statusOf(memo);
const snapshot = (more: Partial<DeploySnapshot> = {}): DeploySnapshot => ({
  ...{ place: { project: 'gateway', environment: 'production' }, runId: 'r', running: true },
  ...{ state: 'RUNNING', startedAt: at, closedAt: null, requester: hostile, phase: 'decision' },
  ...{ sealed: memo, status, pending: [{ activity: hostile, attempt: 2, failure: hostile }] },
  failing: null,
  ...more,
});
const request = {
  ...{ project: 'gateway', environment: 'production', ref: hostile, requestedBy: hostile },
  ...{ reason: hostile, priority: 'normal' as const, nonce: '0'.repeat(32), requestedAt: at },
};
const facts = {
  ...{ plan: raw, cause, outcome: 'rolled-back', rolledBackTo: raw.rollbackTarget, at },
  ...{ severity: 'SEV2', diagnosis: { cause: 'unknown', evidence: [hostile] } },
  timeline: [{ at, what: hostile }],
} as unknown as Parameters<typeof postMortem>[0];
const words = ({ text, blocks }: { text: string; blocks: unknown[] }) =>
  [text, ...JSON.stringify(blocks).matchAll(/"text":"((?:[^"\\]|\\.)*)"/g)].map((found) =>
    typeof found === 'string' ? found : (JSON.parse(`"${found[1]}"`) as string),
  );

/** Screens of texts that no worker made safe before: memos, requests and statuses. */
const screens: Record<string, () => string | string[]> = {
  'CLI: the plan that is signed': () => renderPlan(memo, { paint }),
  'CLI: a deploy': () => renderDeploy(snapshot(), { now, paint }),
  'CLI: a deploy without a worker': () => renderDeploy(snapshot({ status: null }), { now, paint }),
  'CLI: one line': () => plainLine(snapshot()),
  'CLI: the report': () =>
    renderReport(
      {
        ...{ deployId: 'd-1', project: 'gateway', environment: 'production', platform: 'vps' },
        ...{ sha: newSha, outcome: 'aborted', reasons: [hostile], touched: false },
      },
      paint,
    ),
  'CLI: the follow-up': () =>
    renderAftermath({
      ...{ deployId: 'd-1', incident: hostile, revertSha: null, revertNote: hostile },
      ...{ quarantined: true, diagnosis: null },
    }),
  'CLI: a newer request': () => [
    replacedText(snapshot()),
    joinedText(snapshot()),
    refusedText(snapshot(), request, { why: hostile, maySupersede: true, now } as never),
  ],
  'Slack: the question': () => words(requestWords({ sealed: memo, reminder: false })),
  'Slack: the answers': () =>
    words(
      answerWords({ sealed: memo, rulings: [], standing: { open: true, why: hostile } }, false),
    ),
  'Web UI: the details': () => describeStatus(status).details,
  'Web UI: a request': () => [
    requestDetails(request),
    requestSummary(request),
    planSummary(request),
  ],
  'Web UI: drift': () =>
    driftDetails([{ project: 'a', environment: 'b', verdict: 'other', why: hostile } as never]),
  'Web UI and #incidents: the follow-up': () =>
    aftermathNote({ ...facts, plan: planned } as never, { diagnosis: null, revertNote: hostile }),
  'GitHub: the state of a deployment': () =>
    deploymentState(statusOf(memo, { outcome: 'rolled-back' })).description,
  'GitHub: the pull request of a revert': () => {
    const { title, body } = revertPull(planned, { why: hostile });
    return [title, body];
  },
  'an incident': () => postMortem(facts).draft,
};

/** Messages about a plan that a worker made. Their own texts may have several lines. */
const safeStatus = statusOf(sealedOf(planned), { stuck: null, cause: null });
const notes: Record<string, () => string> = {
  'the parent message': () => parentNote({ ...safeStatus, doThis: '' }),
  'the last message': () => finalNote(safeStatus),
  'a stuck deploy': () => stuckNote(safeStatus),
  'the silent note': () => silentNote(planned, at),
  'a replaced deploy': () =>
    replacedNote(planned, {
      ...request,
      ...planned,
      sha: newSha,
      supersede: false,
      relation: 'newer',
    } as never),
  'a waiting rollback': () => rollbackApprovalNote(safeStatus),
};

const invisible =
  // oxlint-disable-next-line no-control-regex -- the test looks for control characters
  /[\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u0000-\u0009\u000b-\u001f\u007f-\u009f]/u;
const forged = (text: string) => text.split('\n').filter((line) => /^[\s•*>-]*FORGED/.test(line));

/** In code, Markdown has no links. */
const withoutCode = (text: string) => text.replaceAll('\\`', '').replaceAll(/`[^`]*`/g, '');

function expectHarmless(text: string) {
  expect(text.match(invisible)?.[0]).toBeUndefined();
  expect(forged(text)).toEqual([]);
}

describe('texts of a stranger cannot lie', () => {
  test.each(Object.entries(screens))('%s', (_, make) => {
    const texts = [make()].flat();
    expect(texts.join('')).toMatch(/\\u202E|FORGED/);
    for (const text of texts) expectHarmless(text);
  });

  test.each(Object.entries(notes))('Slack: %s', (_, make) => {
    for (const text of words(plainWords(make()))) expectHarmless(text);
  });

  test('Slack: every other message shows what is invisible', () => {
    for (const text of words(plainWords(questionNote(status))))
      expect(text.match(invisible)?.[0]).toBeUndefined();
  });

  test('Web UI: a text never becomes a link, a picture or HTML', () => {
    for (const text of [describeStatus(status).details, requestDetails(request)])
      expect(withoutCode(text)).not.toMatch(/(?<!\\)[[<]/);
  });

  test('pages and mails', async () => {
    const pager = await startPager({ board: new Board() });
    const { page } = createPager({ page: { webhook: pager.url }, secret: () => '' });
    const pages = [
      stuckPage(status, planned)!,
      questionPage(status, planned, 1),
      rollbackApprovalPage(status, planned, 1),
      revertPage(planned, hostile),
    ];
    for (const one of pages) await page({ ...one, title: hostile });
    await pager.close();
    expect(pager.calls()).toHaveLength(pages.length);
    for (const { title, text } of pager.calls()) {
      expectHarmless(title);
      expect(text.match(invisible)?.[0]).toBeUndefined();
    }
  });

  test('CLI: a text that was forgotten', () => {
    const out: string[] = [];
    const stream = { write: (text: string) => void out.push(text) } as never;
    const io = createIo({}, { env: {}, stdin: {} as never, stdout: stream, stderr: stream });
    io.say(createPaint(true).bad(hostile));
    io.data(null, hostile);
    expect(
      out.join('').replaceAll('\u001b[31m', '').replaceAll('\u001b[39m', '').match(invisible)?.[0],
    ).toBeUndefined();
    expect(out[0]?.startsWith('\u001b[31mFix\nFORGED a\\r\n')).toBe(true);
    expect(out[0]?.endsWith('\u001b[39m\n')).toBe(true);
  });

  test('the plan of a worker has no such text, in no field', () => {
    const { target: _, watch: _watch, smoke: _smoke, ...texts } = planned;
    expect(JSON.stringify(texts).match(invisible)?.[0]).toBeUndefined();
    expect(JSON.stringify(texts)).not.toContain('\\n');
  });
});
