import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { assignedSecrets } from './assignments.ts';
import { isPlaceholderUrl } from './placeholder.ts';
import { isPublished } from './published.ts';
import { markedKeys } from './rules.ts';
import type { Hit } from './rules.ts';

/** `index` and `line` of its first character; `fingerprint` names the secret without telling it. */
export type Found = { index: number; line: number; rule: string; fingerprint: string };
export type Lint = (text: string, file: string) => Promise<Found[]>;

// It keeps every mark of every file for ever.
secretLintProfiler.setEnabled(false);

const preset = '@secretlint/secretlint-rule-preset-recommend';
const config = { rules: [{ id: preset, rule: creator, options: {} }] };

/** Whoever commits a key could also commit the comment that hides it. */
const withoutDirectives = (text: string) =>
  text.replaceAll(/secretlint-(?=disable|enable)/g, 'secretlint_');

const withAddress = new Set(['basicauth', 'database-connection-string']);

/** Real secretlint; a directive in a file cannot switch it off. */
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
    .filter(({ rule, value }) => !(withAddress.has(rule) && isPlaceholderUrl(value)));
}

export const fingerprintOf = (value: string) =>
  createHash('sha256').update(value).digest('hex').slice(0, 16);

const lineAt = (text: string, index: number) => text.slice(0, index).split('\n').length;

/** Of two rules that see the same characters the first one speaks. */
function withoutEchoes(hits: Hit[]): Hit[] {
  const kept: Hit[] = [];
  for (const hit of hits) {
    const end = hit.index + hit.value.length;
    const echoes = kept.some(({ index, value }) => hit.index < index + value.length && index < end);
    if (!echoes) kept.push(hit);
  }
  return kept;
}

/** secretlint's recommended rules, and ours for what they do not know. */
export const findSecrets: Lint = async (source, file) => {
  const text = withoutDirectives(source);
  const hits = [
    ...(await secretlint(text, file)),
    ...markedKeys(text),
    ...assignedSecrets(text, file),
  ];
  return withoutEchoes(hits)
    .map(({ rule, index, value }) => ({
      index,
      line: lineAt(text, index),
      rule,
      fingerprint: fingerprintOf(value),
    }))
    .filter(({ fingerprint }) => !isPublished(fingerprint));
};
