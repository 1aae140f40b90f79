import { expect, test } from 'vitest';
import { judgeAudit } from '../../../domain/gates/audit.ts';
import type { AuditFacts, AuditReading, Severity } from '../../../domain/gates/audit.ts';
import { withoutWay } from '../../support/way-to-open.ts';

const sha = 'a'.repeat(40);
const finding = (severity: Severity, id = 'GHSA-1111-2222-3333') => ({
  ...{ id, severity, title: 'Prototype Pollution', where: 'minimist' },
});
const read = (over: Partial<Extract<AuditReading, { state: 'read' }>> = {}): AuditReading => ({
  ...{ source: 'npm audit of .', state: 'read', findings: [], sha, at: null },
  ...over,
});
const failed = (why: string, source = 'npm audit of .'): AuditReading => ({
  ...{ source, state: 'failed', why },
});
const unavailable = (why: string): AuditReading => ({
  ...{ source: "GitHub's dependabot", state: 'unavailable', why },
});
const disabled = unavailable('403: Dependabot alerts are disabled for this repository.');
const waiver = (until: string, over = {}) => ({
  ...{ finding: 'GHSA-1111-2222-3333', reason: 'never called', by: 'ana', until },
  ...over,
});

const clean: AuditFacts = {
  ...{ project: 'shop', environment: 'production', sha },
  readings: [read()],
  threshold: 'high',
  maxAgeDays: 7,
  waivers: [],
  now: '2026-11-24T10:00:00.000Z',
};
const old = { source: 'audits/pentest.json', sha: 'b'.repeat(40) };

const mend = (id = 'GHSA-1111-2222-3333') =>
  `Fix the finding, or let an approver waive it: plimsoll waive shop production ${id} --reason ` +
  '"why" --until DAY';
const blamed = (severity: Severity, ended = '') =>
  `npm audit of .: GHSA-1111-2222-3333 (${severity}) in minimist: Prototype Pollution.${ended} ${mend()}`;

const unsaid =
  ' The source does not name the severity of the finding, so the finding counts as critical.';

const closed: [string, Partial<AuditFacts>, string[]][] = [
  [
    'no source',
    { readings: [] },
    [
      'no audit source is configured, so the gate can prove nothing. Name a source under "audit" ' +
        'in plimsoll.yaml.',
    ],
  ],
  [
    '404 of the only source',
    { readings: [unavailable('404: Not Found')] },
    [
      "GitHub's dependabot is not available (404: Not Found) and no other source was read: " +
        'there is no data. Add npm, pipAudit, reports or sarif under "audit" in plimsoll.yaml.',
    ],
  ],
  [
    '403 of the only source',
    { readings: [disabled] },
    [
      "GitHub's dependabot is not available (403: Dependabot alerts are disabled for this " +
        'repository.) and no other source was read: there is no data. Add npm, pipAudit, reports ' +
        'or sarif under "audit" in plimsoll.yaml.',
    ],
  ],
  [
    '403, and the other source failed',
    { readings: [disabled, failed('it is missing in the tree of this commit')] },
    [
      "GitHub's dependabot is not available (403: Dependabot alerts are disabled for this " +
        'repository.) and no other source was read: there is no data. Add npm, pipAudit, reports ' +
        'or sarif under "audit" in plimsoll.yaml.',
      'npm audit of .: it is missing in the tree of this commit. There is no data, so the gate ' +
        'stays closed.',
    ],
  ],
  [
    'one of two sources failed',
    { readings: [read(), failed('it cannot be parsed', 'codeql.sarif')] },
    ['codeql.sarif: it cannot be parsed. There is no data, so the gate stays closed.'],
  ],
  [
    'a critical finding',
    { readings: [read({ findings: [finding('critical')] })] },
    [blamed('critical')],
  ],
  ['a high finding', { readings: [read({ findings: [finding('high')] })] }, [blamed('high')]],
  [
    'a finding that does not say how bad it is',
    { readings: [read({ findings: [finding('unknown')] })] },
    [blamed('unknown', unsaid)],
  ],
  [
    'a finding that does not say how bad it is, where only critical ones close',
    { readings: [read({ findings: [finding('unknown')] })], threshold: 'critical' },
    [blamed('unknown', unsaid)],
  ],
  [
    'a moderate finding under a lower threshold',
    { readings: [read({ findings: [finding('moderate')] })], threshold: 'moderate' },
    [blamed('moderate')],
  ],
  [
    'the same finding of two sources, told once',
    {
      readings: [
        read({ findings: [finding('high')] }),
        read({ source: "GitHub's dependabot", findings: [finding('high')] }),
      ],
    },
    [blamed('high')],
  ],
  [
    'a waiver that ended yesterday',
    { readings: [read({ findings: [finding('high')] })], waivers: [waiver('2026-11-23')] },
    [blamed('high', ' The waiver of ana ended on 2026-11-23.')],
  ],
  [
    'a waiver whose signature counts no more',
    {
      readings: [read({ findings: [finding('high')] })],
      waivers: [waiver('2026-11-20'), waiver('2026-12-31', { invalid: 'its key x is revoked' })],
    },
    [blamed('high', ' The waiver of ana ended on 2026-11-20.')],
  ],
  [
    'only such a waiver',
    {
      readings: [read({ findings: [finding('high')] })],
      waivers: [waiver('2026-12-31', { invalid: 'its key x is revoked' })],
    },
    [blamed('high', ' The waiver of ana until 2026-12-31 no longer counts: its key x is revoked.')],
  ],
  [
    'a waiver of another finding',
    {
      readings: [read({ findings: [finding('high')] })],
      waivers: [waiver('2026-12-31', { finding: 'GHSA-9999-9999-9999' })],
    },
    [blamed('high')],
  ],
  [
    'a report of another commit, 8 days old',
    { readings: [read({ ...old, at: '2026-11-16T09:00:00.000Z' })] },
    [
      'audits/pentest.json: the report of 2026-11-16 is about another commit. Such a report may be ' +
        'at most 7 days old. Run that audit again.',
    ],
  ],
  [
    'a report of another commit and of no day',
    { readings: [read({ ...old, at: null })] },
    [
      'audits/pentest.json: the report does not name this commit and has no valid ' +
        'date. Run that audit again.',
    ],
  ],
  [
    'a report with a day that is none',
    { readings: [read({ ...old, at: 'yesterday' })] },
    [
      'audits/pentest.json: the report does not name this commit and has no valid ' +
        'date. Run that audit again.',
    ],
  ],
  [
    'a report of tomorrow',
    { readings: [read({ ...old, at: '2026-11-25T10:00:00.000Z' })] },
    [
      'audits/pentest.json: the report is dated 2026-11-25T10:00:00.000Z, which is in the ' +
        'future. Run that audit again.',
    ],
  ],
  [
    'everything at once',
    {
      readings: [
        read({ findings: [finding('high')] }),
        read({ ...old, at: '2026-01-01T00:00:00.000Z', findings: [finding('critical', 'PT-1')] }),
        failed('the registry gave npm audit no answer (405)', 'npm audit of apps/x'),
      ],
    },
    [
      'npm audit of apps/x: the registry gave npm audit no answer (405). There is no data, so ' +
        'the gate stays closed.',
      'audits/pentest.json: the report of 2026-01-01 is about another commit. Such a report may be ' +
        'at most 7 days old. Run that audit again.',
      blamed('high'),
      `audits/pentest.json: PT-1 (critical) in minimist: Prototype Pollution. ${mend('PT-1')}`,
    ],
  ],
];

test.each(closed)('closed: %s', (_, facts, reasons) => {
  expect(judgeAudit({ ...clean, ...facts })).toEqual({ open: false, reasons, waivers: [] });
  const quoted = (facts.readings ?? []).flatMap((one) => ('why' in one ? [one.why] : []));
  expect(withoutWay(reasons, quoted)).toEqual([]);
});

const open: [string, Partial<AuditFacts>, string[], string[]][] = [
  ['nothing found', {}, ['npm audit of .: nothing found'], []],
  [
    'findings below the threshold',
    { readings: [read({ findings: [finding('moderate'), finding('low'), finding('info')] })] },
    ['npm audit of .: 3 findings, 0 of severity critical or high'],
    [],
  ],
  [
    'a high one where only critical ones close',
    { readings: [read({ findings: [finding('high')] })], threshold: 'critical' },
    ['npm audit of .: 1 finding, 0 of severity critical'],
    [],
  ],
  [
    'a scanner that the plan does not have, beside one that was read',
    { readings: [read(), disabled] },
    [
      'npm audit of .: nothing found',
      "GitHub's dependabot: not available, 403: Dependabot alerts are disabled for this repository.",
    ],
    [],
  ],
  [
    'a waiver until the end of today, shown',
    { readings: [read({ findings: [finding('high')] })], waivers: [waiver('2026-11-24')] },
    [
      'waived by ana until 2026-11-24, "never called": npm audit of .: GHSA-1111-2222-3333 (high) in minimist: Prototype Pollution',
      'npm audit of .: 1 finding, 1 of severity critical or high',
    ],
    ['GHSA-1111-2222-3333'],
  ],
  [
    'of two waivers the one that counts, though it ends sooner',
    {
      readings: [read({ findings: [finding('high')] })],
      waivers: [waiver('2026-12-31', { invalid: 'its key x is revoked' }), waiver('2026-11-24')],
    },
    [
      'waived by ana until 2026-11-24, "never called": npm audit of .: GHSA-1111-2222-3333 (high) in minimist: Prototype Pollution',
      'npm audit of .: 1 finding, 1 of severity critical or high',
    ],
    ['GHSA-1111-2222-3333'],
  ],
  [
    'of two waivers the longer one',
    {
      readings: [read({ findings: [finding('high')] })],
      waivers: [waiver('2026-11-20'), waiver('2026-12-01', { by: 'ben' }), waiver('2026-11-21')],
    },
    [
      'waived by ben until 2026-12-01, "never called": npm audit of .: GHSA-1111-2222-3333 (high) in minimist: Prototype Pollution',
      'npm audit of .: 1 finding, 1 of severity critical or high',
    ],
    ['GHSA-1111-2222-3333'],
  ],
  [
    'an old report of this very commit',
    { readings: [read({ ...old, sha, at: '2020-01-01T00:00:00.000Z' })] },
    ['audits/pentest.json: nothing found'],
    [],
  ],
  [
    'a report of another commit, a few days old',
    { readings: [read({ ...old, at: '2026-11-18T10:00:00.000Z' })] },
    ['audits/pentest.json: nothing found'],
    [],
  ],
];

test.each(open)('open: %s', (_, facts, reasons, waivers) => {
  expect(judgeAudit({ ...clean, ...facts })).toEqual({ open: true, reasons, waivers });
});
