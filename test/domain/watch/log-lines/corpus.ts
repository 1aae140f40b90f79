import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogLine } from '../../../../domain/watch/log-lines/count-errors.ts';

export type Label = 'E' | 'V' | '.' | '?';
export type Labelled = LogLine & { label: Label };
export type Program = { name: string; lines: Labelled[] };

const root = join(import.meta.dirname, 'corpus');

/** The labelled lines of every program. corpus/README.md describes the files. */
export const corpus = (part: 'used' | 'unseen'): Program[] =>
  readdirSync(join(root, part)).map((file) => ({
    name: file.replace(/\.log$/, ''),
    lines: read(readFileSync(join(root, part, file), 'utf8')),
  }));

function read(text: string): Labelled[] {
  let from = 0;
  return text
    .trimEnd()
    .split('\n')
    .flatMap((row) => {
      if (row.startsWith('#')) from += 1;
      const label = row[0] as Label;
      return row.startsWith('#') ? [] : [{ label, text: JSON.parse(row.slice(2)) as string, from }];
    });
}
