import { createReadStream } from 'node:fs';

/**
 * A line of a file. `startAt` and `next` are positions in bytes. `whole` is true if the line ends
 * with a line break. `text` is cut after 64 KB.
 */
export type FileLine = { startAt: number; next: number; text: string; whole: boolean };

const mostBytes = 64 * 1024;
const newline = 0x0a;

/**
 * Yields the lines of a file. `start` must be the position of the first byte of a line. Rejects
 * with the errors of the file system.
 */
export async function* linesFrom(path: string, start: number): AsyncGenerator<FileLine> {
  let kept: Buffer[] = [];
  let [startAt, at] = [start, start];
  const line = (whole: boolean): FileLine => {
    const bytes = Buffer.concat(kept).subarray(0, mostBytes);
    const text = bytes.toString('utf8').replace(/\r$/, '');
    // Only the first line can begin with a byte order mark.
    return { startAt, next: at, text: startAt === 0 ? text.replace(/^\uFEFF/, '') : text, whole };
  };
  for await (const chunk of createReadStream(path, { start }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      kept.push(chunk.subarray(from, end));
      at += end + 1 - from;
      yield line(true);
      [kept, startAt, from] = [[], at, end + 1];
    }
    if (from === chunk.length) continue;
    // The text of a line is cut after 64 KB, so later bytes of the line are not needed.
    if (at - startAt <= mostBytes) kept.push(chunk.subarray(from));
    at += chunk.length - from;
  }
  if (at > startAt) yield line(false);
}
