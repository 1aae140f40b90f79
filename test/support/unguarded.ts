import { readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';

const root = new URL('../..', import.meta.url);
const nativeImport = createRequire(import.meta.url)('./native-import.cjs') as (
  url: string,
) => Promise<unknown>;

/** A change of one source file: `to` replaces `from`. The file must contain `from` exactly once. */
export type Edit = [file: string, from: string, to: string];

/**
 * One map for each set of edits, from the URL of an edited file to its new text. The URL of each
 * module that is loaded with these edits ends with the index of the map: `?without=INDEX`.
 */
const edited: Map<string, string>[] = [];
const numberIn = (url = '') => /\?without=(\d+)$/.exec(url)?.[1];
const isOurs = (url: string) => url.startsWith(root.href) && !url.includes('/node_modules/');

const imported = new Map<string, string[]>();
/** The URLs of all files that a file imports by a relative path. */
function importsOf(url: string): string[] {
  const known = imported.get(url);
  if (known) return known;
  const named = readFileSync(new URL(url), 'utf8').matchAll(/\b(?:from|import\()\s*'(\.[^']+)'/g);
  const urls = [...named].map(([, path = '']) => new URL(path, url).href);
  imported.set(url, urls);
  return urls;
}

/**
 * Returns true if a file is edited, or imports an edited file (also through other files). Only
 * these files are loaded again.
 */
function reaches(url: string, texts: Map<string, string>, seen = new Set<string>()): boolean {
  if (texts.has(url)) return true;
  if (seen.has(url) || !url.endsWith('.ts')) return false;
  seen.add(url);
  return importsOf(url).some((next) => reaches(next, texts, seen));
}

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const number = numberIn(context.parentURL);
    const texts = edited[Number(number)];
    if (!texts || !isOurs(found.url) || !reaches(found.url, texts)) return found;
    return { ...found, url: `${found.url}?without=${number}` };
  },
  load(url, context, next) {
    const source = edited[Number(numberIn(url))]?.get(url.replace(/\?.*/, ''));
    if (source === undefined) return next(url, context);
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});

/** Applies the edits to our sources, in memory only. `load` imports a file with the edits. */
export function unguarded(edits: readonly Edit[]) {
  const texts = new Map<string, string>();
  for (const [file, from, to] of edits) {
    const url = new URL(file, root);
    const pieces = (texts.get(url.href) ?? readFileSync(url, 'utf8')).split(from);
    if (pieces.length !== 2)
      throw new Error(`${file} has this text ${pieces.length - 1} times, not once: ${from}`);
    texts.set(url.href, pieces.join(to));
  }
  const number = edited.push(texts) - 1;
  return {
    load: async <T>(file: string) =>
      (await nativeImport(`${new URL(file, root).href}?without=${number}`)) as T,
  };
}
