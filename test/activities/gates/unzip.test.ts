import { expect, test } from 'vitest';
import { unzip } from '../../../activities/gates/unzip.ts';
import { zipOf } from './zip.ts';

const report = { name: 'a/junit.xml', text: '<testsuites/>' };
const megabytes = (count: number) => 'x'.repeat(count * 1024 * 1024);

test('gives every file of that ending, and no other', async () => {
  const files = [report, { name: 'log.txt', text: 'noise' }, { name: 'b.xml', text: '<b/>' }];
  expect(await unzip(zipOf(files), '.xml')).toEqual({ texts: ['<testsuites/>', '<b/>'] });
  expect(await unzip(zipOf([]), '.xml')).toEqual({ texts: [] });
});

test.each<[string, Buffer, string]>([
  ['empty', Buffer.alloc(0), 'it is not a complete zip archive'],
  ['something else', Buffer.from('<html>502</html>'), 'it is not a complete zip archive'],
  ['cut off', zipOf([report]).subarray(0, -30), 'it is not a complete zip archive'],
  ['damaged', Buffer.from(zipOf([report])).fill(0xff, 45, 50), 'it is not a complete zip archive'],
  [
    'a bomb that says so',
    zipOf([{ name: 'a.xml', text: megabytes(51) }]),
    'it unpacks to more than 50 MB',
  ],
  [
    'a bomb of many files',
    zipOf(Array.from({ length: 3 }, (_, k) => ({ name: `${k}.xml`, text: megabytes(18) }))),
    'it unpacks to more than 50 MB',
  ],
  [
    'a bomb that lies',
    zipOf([{ name: 'a.xml', text: megabytes(51), declared: 10 }]),
    'it is not a complete zip archive',
  ],
  [
    'a bomb of names',
    zipOf(Array.from({ length: 1001 }, (_, k) => ({ name: `${k}.xml`, text: '' }))),
    'it contains more than 1,000 files',
  ],
  ['encrypted', zipOf([{ ...report, encrypted: true }]), 'a file in it is encrypted'],
  [
    'climbing out',
    zipOf([{ ...report, name: '../../etc/a.xml' }]),
    'it is not a complete zip archive',
  ],
])('refuses what is %s', async (_, zip, why) => {
  expect(await unzip(zip, '.xml')).toEqual({ why });
});
