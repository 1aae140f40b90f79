import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { judgeFile } from '../../../client/judge/judge-file.ts';
import { UserError } from '../../../domain/lib/user-error.ts';

type Case = { name: string; expected: { verdict: string; rollbackAtSample: number | null } };
const fixture = new URL('../../fixtures/sequential-test.json', import.meta.url);
const vectors = JSON.parse(readFileSync(fixture, 'utf8')) as {
  cases: Case[];
  objective: { cases: Case[] };
};

test.each([...vectors.cases, ...vectors.objective.cases])('as a file: $name', (given) => {
  const { logE, logH, ...rest } = judgeFile(JSON.stringify(given));
  expect(rest).toEqual({
    verdict: given.expected.verdict,
    rollbackAtSample: given.expected.rollbackAtSample,
  });
  expect(given.expected).toMatchObject({ logE: { length: logE.length } });
  expect(given.expected).toMatchObject({ logH: { length: logH.length } });
});

test('what the file leaves out is the default, and names may be written either way', () => {
  const bare = '{"baseline":{"errors":5,"requests":500},"series":[[1,20],[0,20]]';
  const plain = judgeFile(`${bare}}`);
  expect(judgeFile(`${bare},"config":{"rho_bad":2,"alpha":0.01}}`)).toEqual(plain);
  expect(judgeFile(`${bare},"config":{"rhoBad":2,"objective":{"p0":0.05}}}`)).toEqual(plain);
  expect(judgeFile(`${bare},"config":{"rho_bad":3}}`)).not.toEqual(plain);
});

const shape = [
  'Give {"baseline":{"errors":17,"requests":17280},"config":{},"series":[[0,20],[1,20]]}',
  'or {"samples":[0,0,1],"plannedSamples":180}, then run: plimsoll judge FILE.json --json',
].join('\n');

test.each([
  ['[]', 'it must be one JSON object.'],
  ['null', 'it must be one JSON object.'],
  [
    '{}',
    'baseline: Invalid input: expected object, received undefined; series: Invalid input: expected array, received undefined.',
  ],
  [
    '{"baseline":{"errors":-1,"requests":10},"series":[[0,1]]}',
    'the baseline has errors -1 and requests 10; both must be from 0 to 9007199254740991.',
  ],
  ['{"samples":[0,2],"plannedSamples":3}', 'samples.1: Invalid option: expected one of 0|1.'],
  [
    '{"samples":[0],"plannedSamples":0.5}',
    'plannedSamples is 0.5; it must be a whole number from 1 to 999999.',
  ],
  [
    '{"samples":[0],"plannedSample":3}',
    'plannedSamples: Invalid input: expected number, received undefined; the object: Unrecognized key: "plannedSample"; did you mean "plannedSamples"?',
  ],
  [
    '{"baseline":{"errors":1,"requests":10},"config":{"weigth":[1]},"series":[]}',
    'config: Unrecognized key: "weigth"; did you mean "weight"?',
  ],
  [
    '{"baseline":{"errors":1,"requests":10},"config":{"weight":[1]},"series":[]}',
    'weight must have one weight for each theta, with a sum of at most 1.',
  ],
])('refused with the remedy: %s', (text, why) => {
  expect(() => judgeFile(text)).toThrow(
    new UserError(`The file cannot be judged: ${why}\n${shape}`, 2),
  );
});

test('what is not JSON is refused with the place', () => {
  expect(() => judgeFile('{"looks": [0,')).toThrow(
    /^The file cannot be judged: it is not JSON: .*\.\nGive \{"baseline"/,
  );
});
