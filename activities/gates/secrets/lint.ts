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
/** Of a binary, its bytes as latin1. */
export type Kind = 'text' | 'binary';
export type Lint = (text: string, file: string, kind?: Kind) => Promise<Found[]>;

// It keeps every mark of every file for ever.
secretLintProfiler.setEnabled(false);

const preset = '@secretlint/secretlint-rule-preset-recommend';
const config = { rules: [{ id: preset, rule: creator, options: {} }] };

/** Whoever commits a key could also commit the comment that hides it. */
const withoutDirectives = (text: string) =>
  text.replaceAll(/secretlint-(?=disable|enable)/g, 'secretlint_');

/** Such as npm_install_…: no token of npm has a second one. */
const isName = /^npm_[A-Za-z0-9]*_/;
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
    .filter(({ rule, value }) => !(withAddress.has(rule) && isPlaceholderUrl(value)))
    .filter(({ rule, value }) => !(rule === 'npm' && isName.test(value)));
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

/** A program of Windows keeps its texts with two bytes a letter. Nothing moves to another line. */
const narrowed = (text: string) =>
  text.replaceAll(/(?:[\t\n\r -~]\0){16,}/g, (run) =>
    ` ${run.replaceAll('\0', '')}`.padEnd(run.length),
  );

/** A guess by name and randomness is for texts: bytes of a program are random by themselves. */
async function hitsIn(text: string, file: string, kind: Kind): Promise<Hit[]> {
  const known = [...(await secretlint(text, file)), ...markedKeys(text)];
  return kind === 'binary' ? known : [...known, ...assignedSecrets(text, file)];
}

/** secretlint's recommended rules, and ours for what they do not know. */
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
