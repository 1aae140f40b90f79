import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { assignedSecrets } from './assignments.ts';
import { isPlaceholderUrl } from './placeholder.ts';
import { isPublished } from './published.ts';
import { markedKeys } from './rules.ts';
import type { Hit } from './hit.ts';

/**
 * A secret in a text. `index` and `line`: position of its first character. `fingerprint` identifies
 * the secret without revealing it.
 */
type Found = { index: number; line: number; rule: string; fingerprint: string };
/** How a file was decoded. 'binary' = the text is the bytes of the file, decoded as latin1. */
export type Kind = 'text' | 'binary';
export type Lint = (text: string, file: string, kind?: Kind) => Promise<Found[]>;

// The profiler is switched off, because it would keep marks of every file in memory for ever.
secretLintProfiler.setEnabled(false);

const preset = '@secretlint/secretlint-rule-preset-recommend';
const config = { rules: [{ id: preset, rule: creator, options: {} }] };

/**
 * Changes secretlint's directives in a text, so that they have no effect. A directive is a comment
 * that makes secretlint ignore a key. A person who commits a key could also commit a directive.
 */
const withoutDirectives = (text: string) =>
  text.replaceAll(/secretlint-(?=disable|enable)/g, 'secretlint_');

/**
 * Matches names such as npm_install_…, which are not tokens. npm's tokens have no second
 * underscore.
 */
const isName = /^npm_[A-Za-z0-9]*_/;
const withAddress = new Set(['basicauth', 'database-connection-string']);

/**
 * Runs secretlint on a text that contains no directives. Leaves out placeholders in URLs, and names
 * that only look like npm tokens.
 */
async function secretlint(text: string, file: string): Promise<Hit[]> {
  const { messages } = await lintSource({
    source: { content: text, filePath: file, ext: extname(file), contentType: 'text' },
    options: { config, maskSecrets: true, noPhysicFilePath: true },
  });
  return messages
    .filter(({ type }) => type === 'message')
    .map(({ ruleId, range: [from, to] }) => ({
      rule: ruleId.replace('@secretlint/secretlint-rule-', ''),
      index: from,
      value: text.slice(from, to),
    }))
    .filter(({ rule, value }) => !(withAddress.has(rule) && isPlaceholderUrl(value)))
    .filter(({ rule, value }) => !(rule === 'npm' && isName.test(value)));
}

export const fingerprintOf = (value: string) =>
  createHash('sha256').update(value).digest('hex').slice(0, 16);

const lineAt = (text: string, index: number) => text.slice(0, index).split('\n').length;

/** If two rules match the same characters, only the first match is kept. */
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
 * Removes the NUL bytes from texts with two bytes per letter, which the binary files of Windows
 * programs contain. Spaces keep the length and the line numbers unchanged.
 */
const narrowed = (text: string) =>
  text.replaceAll(/(?:[\t\n\r -~]\0){16,}/g, (run) =>
    ` ${run.replaceAll('\0', '')}`.padEnd(run.length),
  );

/**
 * Applies all rules to a text. For a binary file, leaves out the rule that judges by name and
 * randomness, because the bytes of a program always look random.
 */
async function hitsIn(text: string, file: string, kind: Kind): Promise<Hit[]> {
  const known = [...(await secretlint(text, file)), ...markedKeys(text)];
  return kind === 'binary' ? known : [...known, ...assignedSecrets(text, file)];
}

/**
 * Finds secrets with secretlint's recommended rules, and with Plimsoll's own rules for keys that
 * secretlint does not know.
 */
export const findSecrets: Lint = async (source, file, kind = 'text') => {
  const text = withoutDirectives(kind === 'binary' ? narrowed(source) : source);
  return withoutEchoes(await hitsIn(text, file, kind))
    .map(({ rule, index, value }) => ({
      index,
      line: lineAt(text, index),
      rule,
      fingerprint: fingerprintOf(value),
    }))
    .filter(({ fingerprint }) => !isPublished(fingerprint));
};
