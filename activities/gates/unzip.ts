import { crc32 } from 'node:zlib';
import { fromBuffer } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { textOf } from '../lib/text-of.ts';

const mostEntries = 1000;
const mostBytes = 50 * 1024 * 1024;

/** `texts`: the text of each file. `why`: the reason, for people, why the archive was refused. */
export type Unzipped = { texts: string[] } | { why: string };

class Refused extends Error {}

/**
 * Returns the text of every file in the archive whose name ends with `ending`. Refuses an archive
 * with more than 1,000 entries, or with more than 50 MB in these files. If a declared size is
 * wrong, the archive counts as unreadable.
 */
export async function unzip(zip: Buffer, ending: string): Promise<Unzipped> {
  try {
    const file = await opened(zip);
    if (file.entryCount > mostEntries) throw new Refused('it contains more than 1,000 files');
    return { texts: await textsOf(file, ending) };
  } catch (cause) {
    return { why: cause instanceof Refused ? cause.message : 'it is not a complete zip archive' };
  }
}

const opened = (zip: Buffer) =>
  new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(zip, { lazyEntries: true, validateEntrySizes: true }, (error, file) =>
      error ? reject(error) : resolve(file),
    ),
  );

function textsOf(file: ZipFile, ending: string): Promise<string[]> {
  const texts: string[] = [];
  let left = mostBytes;
  return new Promise((resolve, reject) => {
    const take = async (entry: Entry) => {
      if (entry.fileName.endsWith(ending)) {
        const bytes = await bytesOf(file, entry, left);
        if (crc32(bytes) !== entry.crc32) throw new Error('damaged');
        left -= bytes.length;
        texts.push(textOf(bytes));
      }
      file.readEntry();
    };
    file.on('entry', (entry: Entry) => void take(entry).catch(reject));
    file.on('end', () => resolve(texts));
    file.on('error', reject);
    file.readEntry();
  });
}

function bytesOf(file: ZipFile, entry: Entry, most: number): Promise<Buffer> {
  if (entry.isEncrypted()) throw new Refused('a file in it is encrypted');
  if (entry.uncompressedSize > most) throw new Refused('it unpacks to more than 50 MB');
  return new Promise((resolve, reject) =>
    file.openReadStream(entry, (error, stream) => {
      if (error) return reject(error);
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', () => resolve(Buffer.concat(chunks)));
      stream.on('error', reject);
    }),
  );
}
