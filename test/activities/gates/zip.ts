import { crc32, deflateRawSync } from 'node:zlib';

export type Packed = {
  name: string;
  text: string;
  /** The false size that the archive states; absent = the archive states the true size. */
  declared?: number;
  encrypted?: boolean;
};

/** Makes a zip archive in the format of GitHub Actions, without the library of Actions. */
export function zipOf(files: Packed[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const data = deflateRawSync(Buffer.from(file.text));
    const local = Buffer.concat([localHeader(file, data), data]);
    central.push(centralHeader(file, data, offset));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  return Buffer.concat([...locals, directory, ending(files.length, directory.length, offset)]);
}

const numbers = (...fields: [bytes: 2 | 4, value: number][]) =>
  Buffer.concat(
    fields.map(([bytes, value]) => {
      const buffer = Buffer.alloc(bytes);
      if (bytes === 2) buffer.writeUInt16LE(value);
      else buffer.writeUInt32LE(value >>> 0);
      return buffer;
    }),
  );

function common({ name, text, declared, encrypted = false }: Packed, data: Buffer): Buffer {
  const size = declared ?? Buffer.byteLength(text);
  return numbers(
    ...([
      [2, 20],
      [2, encrypted ? 1 : 0],
      [2, 8],
      [4, 0],
      [4, crc32(text)],
      [4, data.length],
      [4, size],
      [2, Buffer.byteLength(name)],
      [2, 0],
    ] as [2 | 4, number][]),
  );
}

const localHeader = (file: Packed, data: Buffer) =>
  Buffer.concat([numbers([4, 0x04034b50]), common(file, data), Buffer.from(file.name)]);

const centralHeader = (file: Packed, data: Buffer, offset: number) =>
  Buffer.concat([
    numbers([4, 0x02014b50], [2, 20]),
    common(file, data),
    numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]),
    Buffer.from(file.name),
  ]);

const ending = (entries: number, size: number, offset: number) =>
  numbers(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, entries],
    [2, entries],
    [4, size],
    [4, offset],
    [2, 0],
  );
