import { readFile, readdir } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import type { SecretFacts } from '../../domain/policy/gates.ts';

export type Scan = Pick<SecretFacts, 'filesScanned' | 'crashedRules' | 'findings'>;
export type Lint = (text: string, file: string) => Promise<Finding[]>;
type Finding = { line: number; rule: string };

const preset = '@secretlint/secretlint-rule-preset-recommend';
const config = { rules: [{ id: preset, rule: creator, options: {} }] };

/** Whoever commits a key could also commit the comment that hides it. */
const withoutDirectives = (text: string) =>
  text.replaceAll(/secretlint-(?=disable|enable)/g, 'secretlint_');

/** Real secretlint, its values masked; a directive in a file cannot switch it off. */
export const secretlint: Lint = async (text, file) => {
  const { messages } = await lintSource({
    source: {
      content: withoutDirectives(text),
      filePath: file,
      ext: extname(file),
      contentType: 'text',
    },
    options: { config, maskSecrets: true, noPhysicFilePath: true },
  });
  return messages
    .filter(({ type }) => type === 'message')
    .map(({ ruleId, loc }) => ({
      line: loc.start.line,
      rule: ruleId.replace('@secretlint/secretlint-rule-', ''),
    }));
};

/** A long text is read in pieces that overlap by more than any key is long. */
const pieceLength = 1024 * 1024;
const overlap = 8 * 1024;

function* pieces(text: string): Generator<{ text: string; lineOffset: number }> {
  for (let from = 0; ; from += pieceLength - overlap) {
    const lineOffset = from === 0 ? 0 : text.slice(0, from).split('\n').length - 1;
    yield { text: text.slice(from, from + pieceLength), lineOffset };
    if (from + pieceLength >= text.length) return;
  }
}

const isBinary = (bytes: Buffer) => bytes.subarray(0, 8000).includes(0);

function decode(bytes: Buffer): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le');
  return isBinary(bytes) ? null : bytes.toString('utf8');
}

async function scanFile(path: string, name: string, lint: Lint): Promise<Finding[] | null> {
  const text = decode(await readFile(path));
  if (text === null) return null;
  const found: Finding[] = [];
  for (const piece of pieces(text))
    for (const { line, rule } of await lint(piece.text, name))
      found.push({ line: line + piece.lineOffset, rule });
  return found;
}

async function* filesBelow(directory: string): AsyncGenerator<string> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

const mostFindings = 100;

/** Every text file below the directory. A crash is reported and never hides what others found. */
export async function scanTree(directory: string, lint: Lint = secretlint): Promise<Scan> {
  const scan: Scan = { filesScanned: 0, crashedRules: [], findings: [] };
  for await (const path of filesBelow(directory)) {
    const file = relative(directory, path);
    try {
      const found = await scanFile(path, file, lint);
      if (found === null) continue;
      scan.filesScanned += 1;
      const seen = new Map(found.map((one) => [`${one.line} ${one.rule}`, { file, ...one }]));
      if (scan.findings.length < mostFindings) scan.findings.push(...seen.values());
    } catch {
      scan.crashedRules.push(`secretlint on ${file}`);
    }
    await breathe();
  }
  return scan;
}
