/**
 * Returns the text of a file, without the byte order mark. If there is a byte order mark, it
 * decides the encoding. If not, and every second byte is zero, the encoding is UTF-16. If not, the
 * XML declaration decides. If there is no XML declaration either, the encoding is UTF-8.
 */
export function textOf(bytes: Buffer): string {
  const label = encodingOf(bytes);
  if (label === 'utf-8') return bytes.toString('utf8').replace(/^\uFEFF/, '');
  return new TextDecoder(label).decode(bytes);
}

function encodingOf(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const [even, odd] = [0, 1].map((at) => bytes.length >= 4 && isZero(bytes, at));
  if (even !== odd) return even ? 'utf-16be' : 'utf-16le';
  return declaredIn(bytes.subarray(0, 200).toString('latin1'));
}

const isZero = (bytes: Buffer, at: number) => bytes[at] === 0 && bytes[at + 2] === 0;

/**
 * Returns the encoding in the XML declaration. Returns 'utf-8' if the encoding is unknown. Also
 * returns 'utf-8' for UTF-16, because a UTF-16 file would have zero bytes.
 */
function declaredIn(begin: string): string {
  const [, label = ''] = /^<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(begin) ?? [];
  try {
    const { encoding } = new TextDecoder(label);
    return encoding.startsWith('utf-16') ? 'utf-8' : encoding;
  } catch {
    return 'utf-8';
  }
}
