import { createHash } from 'node:crypto';
import { assignedSecrets } from './assignments.ts';
import type { Hit } from './hit.ts';
import { decodedHits, joinedHits } from './joined.ts';
import { secretsOfFile } from './named-files.ts';
import { privateKeys, webKeys } from './private-keys.ts';
import { isPublished } from './published.ts';
import { issuerHits, markedKeys } from './rules.ts';

/**
 * A secret in a text. `index` and `line`: position of its first character. `fingerprint` identifies
 * the secret without revealing it.
 */
type Found = { index: number; line: number; rule: string; fingerprint: string };
/**
 * How a file was decoded. 'binary' means that each byte of the file is one character of the text
 * (latin1).
 */
export type Kind = 'text' | 'binary';
export type Lint = (text: string, file: string, kind?: Kind) => Promise<Found[]>;

export const fingerprintOf = (value: string) =>
  createHash('sha256').update(value).digest('hex').slice(0, 16);

const lineAt = (text: string, index: number) => text.slice(0, index).split('\n').length;

/** Keeps only the first of several matches that overlap. */
function withoutEchoes(hits: Hit[]): Hit[] {
  const kept: Hit[] = [];
  for (const hit of hits) {
    const end = hit.index + hit.value.length;
    const echoes = kept.some(({ index, value }) => hit.index < index + value.length && index < end);
    if (!echoes) kept.push(hit);
  }
  return kept;
}

/**
 * Removes the NUL bytes from texts with two bytes per letter. Windows programs contain such texts.
 * Adds spaces, so that the length of the text stays the same.
 */
const narrowed = (text: string) =>
  text.replaceAll(/(?:[\t\n\r -~]\0){16,}/g, (run) =>
    ` ${run.replaceAll('\0', '')}`.padEnd(run.length),
  );

/**
 * The file name with which a decoded text is judged. Kubernetes keeps this configuration of Docker
 * in base64.
 */
const decodedFile = 'config.json';

/**
 * Applies all rules to a text. For a binary file, skips the rules that look at names or at
 * randomness, because the bytes of a program often look random.
 */
function hitsIn(text: string, file: string, kind: Kind): Hit[] {
  const known = [...privateKeys(text), ...markedKeys(text, file)];
  if (kind === 'binary') return known;
  const hidden = [
    ...joinedHits(text, (joined) => issuerHits(joined, file)),
    ...decodedHits(text, (decoded) => [
      ...issuerHits(decoded, file),
      ...webKeys(decoded),
      ...secretsOfFile(decoded, decodedFile),
    ]),
  ];
  return [...known, ...secretsOfFile(text, file), ...hidden, ...assignedSecrets(text, file)];
}

/** Finds secrets in a text: private keys, keys of known issuers, and values named as secrets. */
export const findSecrets: Lint = async (source, file, kind = 'text') => {
  const text = kind === 'binary' ? narrowed(source) : source;
  return withoutEchoes(hitsIn(text, file, kind))
    .map(({ rule, index, value }) => ({
      index,
      line: lineAt(text, index),
      rule,
      fingerprint: fingerprintOf(value),
    }))
    .filter(({ fingerprint }) => !isPublished(fingerprint));
};
