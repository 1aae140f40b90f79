import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { deployRelease, failureOf, run, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';
import { cloneOf } from './team.ts';

export const odd = [
  'plain.txt',
  'café.txt',
  '日本語.txt',
  'a b.txt',
  ' lead.txt',
  'trail.txt ',
  'quo"te.txt',
  'back\\slash.txt',
  'new\nline.txt',
  '-rf',
  '*.txt',
  'tab\there.txt',
  'ünter/gröb/naïf.txt',
  // The letter é as two characters, signs of shells, and a name of 250 bytes.
  'cafe\u0301.txt',
  '$(touch x);`id`.txt',
  "~'s #1.txt",
  `${'long'.repeat(62)}.t`,
];

export const write = (path: string, text: string) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

/** Starts a host on which a release with every odd name is live. Returns the host and the commit. */
export async function hostWithOddNames() {
  const vpsFixture = await startVpsFixture({ trees: [samples.good(0)] });
  const clone = await cloneOf(vpsFixture);
  for (const name of odd) write(join(clone.directory, name), 'approved\n');
  const sha = await clone.push('odd names');
  await deployRelease(vpsFixture, sha);
  return { vpsFixture, sha };
}

/**
 * Changes one file of the live release, and expects that the next stage fails and shows the name of
 * the file. Then writes the approved text again.
 */
export async function expectChangeIsSeen(vpsFixture: VpsFixture, sha: string, name: string) {
  const path = join(vpsFixture.handles[0]?.directory ?? '', 'releases', sha, name);
  write(path, 'evil\n');
  const { message } = await failureOf(run(vpsFixture.vps.stageRelease, vpsFixture.step(sha)));
  expect(message).toContain(
    `after the commit was staged: ${name.replace('\n', '?').replace('\t', '\\t')}. `,
  );
  write(path, 'approved\n');
}
