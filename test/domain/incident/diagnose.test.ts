import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Diagnosis } from '../../../domain/deploy/plan.ts';
import { diagnose, type Probe } from '../../../domain/incident/diagnose.ts';
import { redact } from '../../../domain/lib/redact.ts';

const refused: Probe = {
  url: 'http://127.0.0.1:18789/health',
  ok: false,
  detail: 'connection refused',
};

const rows: [string, string[], Probe[], Diagnosis['cause'], string[]][] = [
  [
    'listens on 8000, asked on 18789',
    ['booting', 'INFO: Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)'],
    [refused],
    'port mismatch',
    [
      'INFO: Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)',
      'probed http://127.0.0.1:18789/health: connection refused',
    ],
  ],
  [
    'the same, with a node server',
    ['Server listening on port 8000'],
    [refused],
    'port mismatch',
    ['Server listening on port 8000', 'probed http://127.0.0.1:18789/health: connection refused'],
  ],
  [
    'listens where it is asked',
    ['Server listening on port 18789', 'FATAL ERROR: JavaScript heap out of memory'],
    [refused],
    'out of memory',
    ['FATAL ERROR: JavaScript heap out of memory'],
  ],
  [
    'a wrong port that nobody missed',
    ['Server listening on port 8000'],
    [{ ...refused, ok: true }],
    'unknown',
    ['Server listening on port 8000'],
  ],
  [
    'killed by the kernel',
    ['api.service: A process of this unit has been killed by the OOM killer: oom-kill'],
    [],
    'out of memory',
    ['api.service: A process of this unit has been killed by the OOM killer: oom-kill'],
  ],
  [
    'exit code 137',
    ['container exited with code 137'],
    [],
    'out of memory',
    ['container exited with code 137'],
  ],
  [
    'a Python KeyError',
    ["KeyError: 'STRIPE_KEY'"],
    [],
    'missing secret',
    ["KeyError: 'STRIPE_KEY'"],
  ],
  [
    'a variable that is not set',
    ['Error: DATABASE_URL is not set'],
    [],
    'missing secret',
    ['Error: DATABASE_URL is not set'],
  ],
  [
    'a missing variable',
    ['Missing required environment variable SLACK_TOKEN'],
    [],
    'missing secret',
    ['Missing required environment variable SLACK_TOKEN'],
  ],
  ['nothing known', ['segmentation fault', ''], [], 'unknown', ['segmentation fault']],
  ['no log at all', [], [], 'unknown', []],
];

test.each(rows)('%s', (_, lines, probes, cause, evidence) => {
  expect(diagnose(lines, probes)).toEqual({ cause, evidence });
});

test('evidence is at most five lines, the newest', () => {
  const lines = Array.from({ length: 9 }, (_, k) => `out of memory ${k}`);
  expect(diagnose(lines, []).evidence).toEqual([4, 5, 6, 7, 8].map((k) => `out of memory ${k}`));
});

test.each([
  ['STRIPE_KEY=sk_live_abc is not set', 'STRIPE_KEY=… is not set'],
  ['"password": "hunter2", next', '"password": …, next'],
  ['postgres://app:hunter2@db:5432/x refused', 'postgres://app:…@db:5432/x refused'],
  ['Authorization: Bearer abc.def-123456', 'Authorization: Bearer …'],
  [`saw ${'a1B2'.repeat(10)} here`, 'saw … here'],
  ['\u001B[31mred\u001B[0m\u0007 text', 'red   text'],
])('redacted: %s', (line, expected) => {
  expect(redact(line)).toBe(expected);
});

test('any log is diagnosed in short, printable lines', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 400 })), (lines) => {
      for (const line of diagnose(lines, [refused]).evidence) {
        expect(line.length).toBeLessThanOrEqual(200);
        expect(line).not.toMatch(/\p{Cc}/u);
      }
    }),
  );
});

test('the port that a platform named is the cause, though the site answers again', () => {
  const named = '- port mismatch: it listens on 8000, and traffic goes to port 18789: let it';
  const fine = { url: 'https://gateway.example.com/', ok: true, detail: '200' };
  expect(diagnose(['GET / 200', named], [fine])).toEqual({
    cause: 'port mismatch',
    evidence: [named],
  });
});
