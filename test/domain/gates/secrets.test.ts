import { expect, test } from 'vitest';
import { judgeSecrets, type SecretFacts } from '../../../domain/gates/secrets.ts';
import { withoutWay } from '../../support/way-to-open.ts';

const clean: SecretFacts = {
  filesScanned: 42,
  crashedRules: [],
  findings: [],
  commitsScanned: 0,
  allow: [],
  now: '2026-11-24T10:00:00.000Z',
  required: ['STRIPE_KEY', 'DATABASE_URL'],
  hosts: [
    { host: 'deploy@web1:22', missing: [] },
    { host: 'deploy@web2:22', missing: [] },
  ],
  sourceErrors: [],
};
const [web1, web2] = clean.hosts as [SecretFacts['hosts'][number], SecretFacts['hosts'][number]];

const pay = { file: 'src/pay.ts', line: 7, rule: 'stripe', fingerprint: '0123456789abcdef' };
const leaked = { ...pay, commit: '1a2b3c4d5e6f'.padEnd(40, '0') };
const until = (day: string) => [
  { fingerprint: pay.fingerprint, reason: 'a test key of its documentation', until: day },
];

const rows: [string, Partial<SecretFacts>, string[]][] = [
  [
    'nothing was scanned',
    { filesScanned: 0 },
    ['no file was scanned, and an empty scan proves nothing. Check the commit and the scanner.'],
  ],
  [
    'the number of files is no number',
    { filesScanned: NaN },
    ['no file was scanned, and an empty scan proves nothing. Check the commit and the scanner.'],
  ],
  [
    'a rule crashed',
    { crashedRules: ['aws'] },
    ['aws crashed, so its findings are unknown. Run the scan again.'],
  ],
  [
    'a key in code',
    { findings: [pay] },
    [
      'src/pay.ts:7 contains a secret (stripe). Revoke the secret at its issuer, remove ' +
        'the secret from the code, then deploy the new commit. Fingerprint 0123456789abcdef.',
    ],
  ],
  [
    'a key in a commit that is shipped',
    { findings: [leaked], commitsScanned: 3 },
    [
      'src/pay.ts:7 contained a secret (stripe) in commit 1a2b3c4, and the secret stays in the ' +
        'history. Revoke the secret at its issuer, then allow the fingerprint under ' +
        'secrets.allow in plimsoll.yaml. ' +
        'Fingerprint 0123456789abcdef.',
    ],
  ],
  [
    'a key that was allowed until yesterday',
    { findings: [pay], allow: until('2026-11-23') },
    [
      'src/pay.ts:7 contains a secret (stripe). Revoke the secret at its issuer, remove ' +
        'the secret from the code, then deploy the new commit. Fingerprint 0123456789abcdef. ' +
        'The allowance ("a test key of its documentation") ended on 2026-11-23.',
    ],
  ],
  [
    'another key than the allowed one',
    { findings: [{ ...pay, fingerprint: 'f'.repeat(16) }], allow: until('2026-12-31') },
    [
      'src/pay.ts:7 contains a secret (stripe). Revoke the secret at its issuer, remove ' +
        'the secret from the code, then deploy the new commit. Fingerprint ffffffffffffffff.',
    ],
  ],
  [
    'more keys than anybody reads',
    { findings: Array.from({ length: 22 }, () => pay) },
    [
      ...Array.from(
        { length: 20 },
        () =>
          'src/pay.ts:7 contains a secret (stripe). Revoke the secret at its issuer, remove ' +
          'the secret from the code, then deploy the new commit. Fingerprint 0123456789abcdef.',
      ),
      '2 more secrets. See all of them: plimsoll scan DIRECTORY',
    ],
  ],
  [
    'a crash beside an allowed key',
    { findings: [pay], allow: until('2026-12-31'), crashedRules: ['the scan of a.txt'] },
    ['the scan of a.txt crashed, so its findings are unknown. Run the scan again.'],
  ],
  [
    'a name is missing on one host',
    { hosts: [web1, { host: 'deploy@web2:22', missing: ['STRIPE_KEY'] }] },
    ['deploy@web2:22 lacks STRIPE_KEY. Set the missing variables there, then deploy again.'],
  ],
  [
    'a host did not answer',
    { hosts: [{ host: 'deploy@web1:22', missing: null }, web2] },
    [
      'deploy@web1:22 did not answer, so it is unknown whether its variables are set. Make it ' +
        'reachable, then deploy again.',
    ],
  ],
  [
    'nobody was asked',
    { hosts: [] },
    ['no host was asked for its variables, so there is no data. Check the configuration.'],
  ],
  [
    'a source could not be read',
    { sourceErrors: ['the tree of the commit could not be listed'] },
    [
      'a source could not be read: the tree of the commit could not be listed. There is no data, so the ' +
        'gate stays closed.',
    ],
  ],
  [
    'all reasons at once',
    {
      filesScanned: 0,
      crashedRules: ['npm'],
      hosts: [
        { host: 'deploy@web1:22', missing: ['A', 'B'] },
        { host: 'deploy@web2:22', missing: null },
      ],
    },
    [
      'no file was scanned, and an empty scan proves nothing. Check the commit and the scanner.',
      'npm crashed, so its findings are unknown. Run the scan again.',
      'deploy@web1:22 lacks A, B. Set the missing variables there, then deploy again.',
      'deploy@web2:22 did not answer, so it is unknown whether its variables are set. Make it ' +
        'reachable, then deploy again.',
    ],
  ],
];

test.each(rows)('closed: %s', (_, facts, reasons) => {
  expect(judgeSecrets({ ...clean, ...facts })).toEqual({ open: false, reasons });
  expect(withoutWay(reasons, facts.sourceErrors)).toEqual([]);
});

test('open: what was seen, and what cannot be', () => {
  expect(judgeSecrets(clean)).toEqual({
    open: true,
    reasons: [
      '42 files scanned, no secret found',
      '2 required variables set on 2 hosts; values are never read, so an empty value is not ' +
        'noticed',
    ],
  });
});

test('open: what is allowed until the end of today, shown', () => {
  const facts = { ...clean, findings: [pay], allow: until('2026-11-24'), commitsScanned: 2 };
  expect(judgeSecrets(facts)).toEqual({
    open: true,
    reasons: [
      '42 files and 2 commits scanned, no secret found',
      'allowed until 2026-11-24: src/pay.ts:7 (stripe, 0123456789abcdef), "a test key of its documentation"',
      '2 required variables set on 2 hosts; values are never read, so an empty value is not ' +
        'noticed',
    ],
  });
});

test('open: of two allowances the longer one counts', () => {
  const allow = [...until('2026-11-23'), ...until('2026-11-30'), ...until('2026-11-01')];
  expect(judgeSecrets({ ...clean, findings: [pay], allow }).open).toBe(true);
});

test('open: a release that needs no variable', () => {
  expect(judgeSecrets({ ...clean, required: [], hosts: [] }).reasons).toEqual([
    '42 files scanned, no secret found',
    'no required variable is configured',
  ]);
});

test('more than ten names are counted, not listed', () => {
  const missing = Array.from({ length: 12 }, (_, k) => `V${k}`);
  const { reasons } = judgeSecrets({ ...clean, hosts: [{ host: 'web', missing }] });
  expect(reasons).toEqual([
    'web lacks V0, V1, V2, V3, V4, V5, V6, V7, V8, V9 and 2 more. Set the missing variables there, then deploy again.',
  ]);
});
