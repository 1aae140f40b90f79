import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import type { Document, Node, YAMLError } from 'yaml';

export type Path = readonly PropertyKey[];
export type Position = { line: number; column: number };
export type Fault = Position & { what: string };

/**
 * Reads YAML with the position of every key. An error never contains text of the file, because the
 * text may be a secret.
 */
export function readSource(text: string) {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const fault = (error: YAMLError): Fault => ({ ...place(error.pos[0]), what: sentence(error) });
  const faults = [...document.errors, ...document.warnings].map(fault);
  visit(document, {
    Alias(_, alias) {
      if (!alias.resolve(document))
        faults.push({ ...place(alias.range?.[0] ?? 0), what: 'This alias names no anchor.' });
    },
  });
  return {
    faults,
    value: () => plainValue(document),
    /**
     * Returns the position of `path` in the file. For a missing key, returns the position of its
     * nearest parent.
     */
    at: (path: Path) => place(offsetOf(document, path)),
  };
}

/**
 * Returns the value of the document. Returns null for an empty file, and undefined if nested
 * aliases would fill the memory.
 */
function plainValue(document: Document.Parsed): unknown {
  try {
    return (document.toJS({ maxAliasCount: 50 }) as unknown) ?? null;
  } catch {
    return undefined;
  }
}

function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const step of path) {
    const next = child(isAlias(node) ? node.resolve(document) : node, step);
    if (!next) return offset;
    offset = next.key?.range?.[0] ?? next.value?.range?.[0] ?? offset;
    node = next.value;
  }
  return offset;
}

function child(node: unknown, step: PropertyKey) {
  if (!isCollection(node)) return undefined;
  if (!isMap(node)) {
    const value = node.items[Number(step)] as Node | undefined;
    return value && { key: undefined, value };
  }
  const pair = node.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
  );
  return pair && { key: pair.key as Node, value: pair.value as Node | undefined };
}

const known: Partial<Record<YAMLError['code'], string>> = {
  DUPLICATE_KEY: 'This key is written twice in the same place; keep one of them.',
  TAB_AS_INDENT: 'A tab indents this line; YAML indents with spaces.',
  TAG_RESOLVE_FAILED: 'This YAML tag is not known here; write a plain value.',
  MULTIPLE_DOCS: 'A second YAML document begins here; a configuration is one document.',
};

function sentence(error: YAMLError): string {
  const reason = known[error.code];
  return reason ?? `This is not YAML (${error.code.toLowerCase().replaceAll('_', ' ')}).`;
}
