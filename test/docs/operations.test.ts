import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as aftermath from '../../domain/messages/aftermath.ts';
import * as budget from '../../domain/messages/budget.ts';
import * as drift from '../../domain/messages/drift.ts';
import * as pages from '../../domain/messages/page.ts';
import * as push from '../../domain/messages/push.ts';
import * as notes from '../../domain/messages/slack-notes.ts';
import * as supersede from '../../domain/messages/supersede.ts';
import type { Outcome, Phase } from '../../domain/deploy/plan.ts';
import { textsOf } from '../support/texts.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(`${root}/docs/operations.md`, 'utf8');

type Section = { heading: string; body: string };
/** The sections of docs/operations.md, one for each heading of level three. */
const sections: Section[] = page
  .split(/^(?=##+ )/m)
  .filter((part) => part.startsWith('### '))
  .map((part) => ({
    heading: part.slice(4, part.indexOf('\n')),
    body: part.slice(part.indexOf('\n')),
  }));

const quotesIn = (heading: string) =>
  [...heading.matchAll(/"([^"]+)"/g)].map(([, quote = '']) => quote);
const codeIn = (heading: string) =>
  [...heading.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

const sources = ['domain', 'activities', 'workflows', 'worker', 'client'].flatMap((room) =>
  globSync(`${room}/**/*.ts`, { cwd: root }),
);
const said = sources.flatMap((file) => textsOf(readFileSync(`${root}/${file}`, 'utf8')));

/** True if `text` contains the quote. "…" in the quote stands for any text. */
const isPart = (quote: string, text: string) =>
  new RegExp(
    quote
      .split('…')
      .map((part) => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join(String.raw`[\s\S]*`),
  ).test(text);

/** Every outcome of a deploy. */
const outcomes: Record<Outcome, true> = {
  succeeded: true,
  unproven: true,
  'gate-closed': true,
  rejected: true,
  expired: true,
  aborted: true,
  'rolled-back': true,
  'rolled-back-still-failing': true,
  'rollback-failed': true,
  'rollback-not-approved': true,
};
/**
 * The words that a heading may contain in code style: the outcomes of a deploy, and the results of
 * polling a branch.
 */
const known = new Set([...Object.keys(outcomes), 'started', 'asked', 'nothing', 'waits']);

describe.each(sections)('$heading', ({ heading, body }) => {
  test('is said by the code', () => {
    const unsaid = quotesIn(heading).filter((quote) => !said.some((text) => isPart(quote, text)));
    expect(unsaid).toEqual([]);
    expect(codeIn(heading).filter((code) => !known.has(code))).toEqual([]);
  });

  test('says what happened, what is live and what to do', () => {
    const items = [...body.matchAll(/^- ([\w ]+):/gm)].map(([, item]) => item);
    expect(items).toEqual(['What happened', 'What is live', 'What to do']);
  });
});

test('every outcome has a heading', () => {
  const headings = sections.flatMap(({ heading }) => codeIn(heading));
  expect(Object.keys(outcomes).filter((outcome) => !headings.includes(outcome))).toEqual([]);
});

test('every phase is explained', () => {
  const phases: Record<Exclude<Phase, 'closed'>, true> = {
    ...{ planning: true, preflight: true, approval: true, release: true, smoke: true },
    ...{
      watch: true,
      decision: true,
      'awaiting-rollback-approval': true,
      settle: true,
      rollback: true,
    },
  };
  expect(Object.keys(phases).filter((phase) => !page.includes(`\`${phase}\``))).toEqual([]);
});

/** The heading in docs/operations.md for each function that writes a page or a notification. */
const kinds: Record<string, string> = {
  stuckPage: '"is stuck"',
  questionPage: '"is this release healthy?"',
  floodPage: '"too many signals arrive"',
  floodNote: '"too many signals arrive"',
  rollbackApprovalPage: '"FAILED and waits for a signed decision"',
  stillFailingPage: '"ROLLED BACK; STILL FAILING"',
  failedRollbackPage: '"THE ROLLBACK FAILED", "the first release failed"',
  notApprovedPage: '`rollback-not-approved`, "FAILED and stays live"',
  doubtfulEndPage: '"check what is live"',
  revertPage: '"a person must revert"',
  incidentPage: '"was rolled back"',
  lostPage: '"without a rollback"',
  otherPage: '"serves a release that Plimsoll did not deploy"',
  failedLivePage: '"serves a release whose deploy failed"',
  noDataPage: '"the served release is unknown"',
  alertPage: '"Budget, …: … % is spent"',
  stuckNote: '"is stuck"',
  stillStuckNote: '"Still stuck since"',
  questionNote: '"is this release healthy?"',
  rollbackApprovalNote: '"FAILED and is not rolled back automatically"',
  silentNote: '"WENT SILENT"',
  askFor: '"approval request for …", "reminder for …"',
  pushWaitsNote: '"a push is not deployed yet"',
  replacedNote: '"your deploy of …", "replaced by …, and production was not touched"',
};
/**
 * Functions whose notifications only repeat the status or the outcome of a deploy. These
 * notifications need no heading in docs/operations.md.
 */
const ofTheStatus = ['parentNote', 'finalNote', 'aftermathNote'];

describe('a message that pages or notifies a person', () => {
  const all = { ...pages, ...drift, ...budget, ...notes, ...push, ...supersede, ...aftermath };
  const names = Object.keys(all).filter((name) => /(?:Page|Note)$|^askFor$/.test(name));

  test('is known here', () => {
    expect(names.toSorted()).toEqual([...Object.keys(kinds), ...ofTheStatus].toSorted());
  });

  test.each(Object.entries(kinds))('by %s has the heading %s', (_, heading) => {
    expect(sections.map((section) => section.heading)).toContain(heading);
  });
});

test('no row of a table is longer than a line', () => {
  const long = page.split('\n').filter((line) => line.startsWith('|') && line.length > 100);
  expect(long).toEqual([]);
});
