import { isUtf8 } from 'node:buffer';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { TextDecoder } from 'node:util';
import type { Finding } from '../../domain/gates/allowances.ts';
import type { SecretFacts } from '../../domain/gates/secrets.ts';
import { withoutSecrets } from '../../domain/lib/secret-shapes.ts';
import { findSecrets } from './secrets/lint.ts';
import type { Kind, Lint } from './secrets/lint.ts';

export type Scan = Pick<SecretFacts, 'filesScanned' | 'crashedRules'> & { findings: Finding[] };

/** The scan reads a long file in pieces that overlap. The overlap is longer than any key. */
const pieceBytes = 1024 * 1024;
const overlap = 16 * 1024;

type Piece = { text: string; linesBefore: number; isLast: boolean; kind: Kind };

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'bytes' | null;

/**
 * True if every second byte is NUL and no other byte is NUL. `first` is the index of the first NUL.
 */
const isWide = (bytes: Buffer, first: 0 | 1) =>
  bytes.every((byte, index) => (byte === 0) === (index % 2 === first));

/** True if the bytes are UTF-8. The last character may be incomplete. */
const isUtf8Start = (bytes: Buffer) =>
  [0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, bytes.length - cut)));

/** Returns the encoding of a text, or null if the file is binary. */
function encodingOf(bytes: Buffer): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const sample = bytes.subarray(0, 8000);
  if (!sample.includes(0)) return isUtf8Start(sample) ? 'utf-8' : 'bytes';
  if (isWide(sample, 1)) return 'utf-16le';
  return isWide(sample, 0) ? 'utf-16be' : null;
}

/**
 * Decodes each byte as one character. `TextDecoder` cannot do this, because its latin1 is
 * windows-1252.
 */
const bytewise = { decode: (bytes?: Buffer, _?: object) => bytes?.toString('latin1') ?? '' };

const lines = (text: string) => text.split('\n').length - 1;

/** Reads a file in pieces. Only one piece is in memory at a time. */
async function* piecesOf(path: Buffer): AsyncGenerator<Piece> {
  const handle = await open(path);
  try {
    const buffer = Buffer.alloc(Math.min(pieceBytes, (await handle.stat()).size + 1));
    let { bytesRead } = await handle.read(buffer);
    const encoding = encodingOf(buffer.subarray(0, bytesRead));
    const decoder =
      encoding === null || encoding === 'bytes' ? bytewise : new TextDecoder(encoding);
    const kind = encoding === null ? 'binary' : 'text';
    let text = '';
    let linesBefore = 0;
    for (; bytesRead > 0; { bytesRead } = await handle.read(buffer)) {
      text += decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
      if (text.length < 2 * overlap) continue;
      yield { text, linesBefore, isLast: false, kind };
      linesBefore += lines(text.slice(0, -overlap));
      text = text.slice(-overlap);
    }
    yield { text: text + decoder.decode(), linesBefore, isLast: true, kind };
  } finally {
    await handle.close();
  }
}

/**
 * A match counts only if it begins before this index. The next piece contains every later match as
 * a whole, together with the name before the match.
 */
const lastBegin = ({ text, isLast }: Piece) => (isLast ? Infinity : text.length - overlap / 2);

async function scanFile(path: Buffer, name: string, lint: Lint): Promise<Finding[]> {
  const file = withoutSecrets(name);
  const found: Finding[] = [];
  for await (const piece of piecesOf(path)) {
    for (const { index, line, rule, fingerprint } of await lint(piece.text, name, piece.kind))
      if (index < lastBegin(piece))
        found.push({ file, line: line + piece.linesBefore, rule, fingerprint });
  }
  return found;
}

/** Scans the name of a file, or the path in a symbolic link. */
async function scanName(name: string, text: string, lint: Lint): Promise<Finding[]> {
  const file = withoutSecrets(name);
  const found = await lint(text, 'a name');
  return found.map(({ rule, fingerprint }) => ({ file, line: 1, rule, fingerprint }));
}

const separator = Buffer.from(sep);
const git = Buffer.from('.git');

/**
 * Yields the path of every file and symbolic link below the directory. Skips .git directories,
 * because .git is never part of a release. A path is a Buffer, because a file name may be invalid
 * UTF-8.
 */
async function* filesBelow(directory: Buffer): AsyncGenerator<Buffer> {
  const entries = await readdir(directory, { withFileTypes: true, encoding: 'buffer' });
  for (const entry of entries) {
    const path = Buffer.concat([directory, separator, entry.name]);
    if (entry.isDirectory() && !entry.name.equals(git)) yield* filesBelow(path);
    else if (entry.isFile() || entry.isSymbolicLink()) yield path;
  }
}

/**
 * Scans every file below the directory. If a rule crashes on a file, adds the file to
 * `crashedRules` and continues with the other files.
 */
export async function scanTree(directory: string, lint: Lint = findSecrets): Promise<Scan> {
  const scan: Scan = { filesScanned: 0, crashedRules: [], findings: [] };
  for await (const path of filesBelow(Buffer.from(directory))) {
    const file = relative(directory, path.toString());
    try {
      const target = await linkAt(path);
      const content =
        target === null ? await scanFile(path, file, lint) : await scanName(file, target, lint);
      if (target === null) scan.filesScanned += 1;
      scan.findings.push(...unique([...(await scanName(file, file, lint)), ...content]));
    } catch {
      scan.crashedRules.push(`the scan of ${file}`);
    }
    await breathe();
  }
  return scan;
}

/** Returns the path in a symbolic link, or null for a file. */
async function linkAt(path: Buffer): Promise<string | null> {
  const isLink = (await lstat(path)).isSymbolicLink();
  return isLink ? await readlink(path) : null;
}

const unique = (found: Finding[]) => [
  ...new Map(found.map((one) => [`${one.line} ${one.rule} ${one.fingerprint}`, one])).values(),
];
